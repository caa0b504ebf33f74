"""An approved rule decides in every process of a running server within seconds, and so does its way back."""

import json
import time

import pytest

from tests.fixtures import PASSWORD
from tests.real_server import RealServer, database_copy

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]
PATIENCE_SECONDS = 30
IN_A_ROW = 40  # answers of one kind, spread over both workers by the kernel
SET_UP = """
from django.core.management import call_command
from users.models import User
call_command("install_engines")
for name, role in (("ana", "analyst"), ("boss", "admin")):
    User.objects.create_user(name + "@example.com", "{password}", role=role)
call_command("create_api_key", "e2e", "--scope", "ingest")
"""
RULE = {
    "code": "EVERY_PAYMENT",
    "family": "test_family",
    "subject": "sender",
    "condition": "amount > 0.0",
    "severity": "critical",
    "reason": "{amount} was paid",
    "description": "Any payment.",
}


@pytest.fixture
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    place = tmp_path_factory.mktemp("activation")
    with django_db_blocker.unblock(), database_copy() as url:
        server = RealServer({"DATABASE_URL": url, "MODEL_DIR": str(place / "models")}, place / "web.log")
        said = server.manage("shell", "--no-imports", "-c", SET_UP.format(password=PASSWORD))
        server.key = said.split()[-1]
        server.start()
        yield server
        server.stop()


def signed_in(server, name):
    said = {"email": f"{name}@example.com", "password": PASSWORD}
    return {"Authorization": f"Bearer {server.call('POST', '/api/v1/token/', said).body['access']}"}


def settled(server, hits: bool) -> float:
    """Seconds until IN_A_ROW answers in a row agree, from whatever worker."""
    started, row = time.monotonic(), 0
    while row < IN_A_ROW:
        assert time.monotonic() - started < PATIENCE_SECONDS
        body = {"transaction_id": "P-1", "amount": 5, "sender_id": "a", "receiver_id": "b"}
        answer = server.call("POST", "/api/v1/predict/", body, X_API_Key=server.key)
        assert answer.status == 200, json.dumps(answer.body)
        found = "EVERY_PAYMENT" in [alert["rule"] for alert in answer.body["alerts"]]
        row = row + 1 if found is hits else 0
    return time.monotonic() - started


def test_every_process_sees_an_activation_and_a_retirement(server):
    ana, boss = signed_in(server, "ana"), signed_in(server, "boss")
    settled(server, hits=False)  # both workers hold the rules of before
    made = server.call("POST", "/api/v1/rules/", {"engine": "payments", "definition": RULE}, **ana)
    address = f"/api/v1/rules/{made.body['id']}"
    pending = server.call("POST", f"{address}/submit/", {"version": 1}, **ana).body
    seen = {"number": 1, "version": pending["version"]}
    live = server.call("POST", f"{address}/approve/", seen, **boss)
    assert (live.status, live.body["stage"]) == (200, "active")
    settled(server, hits=True)
    gone = server.call("POST", f"{address}/retire/", {"number": 1, "version": live.body["version"]}, **boss)
    assert gone.status == 200
    settled(server, hits=False)
