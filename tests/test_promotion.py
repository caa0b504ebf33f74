"""A promotion reaches every process of a running server, and no request is lost on the way."""

import itertools
import json
import threading
import time

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tests.fixtures import PASSWORD
from tests.real_server import RealServer, database_copy

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]
FEATURES = ["amount", "amount_ln"]
IN_A_ROW = 60  # answers of one version, spread over both workers by the kernel
PATIENCE_SECONDS = 60
SET_UP = """
from django.core.management import call_command
from users.models import User
call_command("install_engines")
User.objects.create_user("boss@example.com", "{password}", role="admin")
for file in ("m1.joblib", "m2.joblib"):
    call_command("register_model", "payments", "{place}/" + file, "--features", "{place}/features.json")
call_command("promote_model", "payments-1", "--approver", "boss@example.com")
call_command("create_api_key", "e2e", "--scope", "ingest")
"""  # one process, not six


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    """A server with a champion and a candidate, both registered by command, and an admin."""
    place = tmp_path_factory.mktemp("promotion")
    (place / "features.json").write_text(json.dumps(FEATURES))
    for number in (1, 2):
        estimator = LogisticRegression().fit(np.array([[0.0, 0.0], [1.0, number]]), [0, 1])
        joblib.dump(estimator, place / f"m{number}.joblib")
    with django_db_blocker.unblock(), database_copy() as url:
        server = RealServer({"DATABASE_URL": url, "MODEL_DIR": str(place / "models")}, place / "web.log")
        said = server.manage("shell", "--no-imports", "-c", SET_UP.format(place=place, password=PASSWORD))
        server.key = said.split()[-1]
        server.start()
        yield server
        server.stop()


class Callers:
    """Threads that ask for predictions all the time, and what they were answered."""

    def __init__(self, server: RealServer):
        self.server, self.answers, self.over = server, [], threading.Event()
        self.threads = [threading.Thread(target=self._ask) for _ in range(3)]

    def __enter__(self) -> "Callers":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _ask(self) -> None:
        for number in itertools.count():
            if self.over.is_set():
                return
            body = {"transaction_id": f"P-{number}", "amount": 5, "sender_id": "a", "receiver_id": "b"}
            answer = self.server.call("POST", "/api/v1/predict/", body, X_API_Key=self.server.key)
            self.answers.append((answer.status, answer.body.get("model_version")))

    def settled_on(self, version: str) -> bool:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            last = self.answers[-IN_A_ROW:]
            if len(last) == IN_A_ROW and {name for _, name in last} == {version}:
                return True
            self.over.wait(0.02)  # asking again, not waiting for a result
        return False


def test_every_process_follows_a_promotion_and_a_rollback_without_losing_a_request(server):
    token = server.call("POST", "/api/v1/token/", {"email": "boss@example.com", "password": PASSWORD}).body
    admin = {"Authorization": f"Bearer {token['access']}"}
    with Callers(server) as callers:
        assert callers.settled_on("payments-1")
        promoted = server.call("POST", "/api/v1/models/payments-2/promote/", {"version": 1}, **admin)
        assert (promoted.status, promoted.body["stage"]) == (200, "champion")
        assert callers.settled_on("payments-2")
        back = server.call("POST", "/api/v1/models/payments-2/rollback/", {"version": 2}, **admin)
        assert (back.status, back.body["name"]) == (200, "payments-1")
        assert callers.settled_on("payments-1")
    assert {status for status, _ in callers.answers} == {200}
    assert {name for _, name in callers.answers} == {"payments-1", "payments-2"}
