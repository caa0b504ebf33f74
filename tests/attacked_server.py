"""A real server with something of everything in it, and an admin's token, for tests that attack it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.real_server import RealServer, database_copy

PASSWORD = "correct horse battery staple"
FILL = f"""
from users.models import User
from fraud_detection.services.model_registry import promote_first, register
from tests.fixtures import quick_customer_model, quick_payment_model

User.objects.create_user("analyst@example.com", {PASSWORD!r}, role="analyst")
User.objects.create_user("admin@example.com", {PASSWORD!r}, role="admin", pk=7_777_777_777)  # unguessable
for model in (quick_payment_model(), quick_customer_model()):
    assert promote_first(register(model, created_by="tests"), created_by="tests")
"""
GENEROUS = {
    "RATE_LIMIT_REQUESTS": "10000000",
    "LOGIN_FAILURE_LIMIT": "100",
    "ACCESS_TOKEN_MINUTES": "600",
    "FRAUDGUARD_ENV": "local",
}


class AttackedServer(RealServer):
    """`headers` are those of the admin; `memory` what its processes hold, in MiB."""

    headers: dict[str, str]

    def fill(self) -> None:
        """Two people, payments, an alert, a case, a list."""
        answer = self.call("POST", "/api/v1/token/", {"email": "admin@example.com", "password": PASSWORD})
        self.headers = {"Authorization": f"Bearer {answer.body['access']}"}
        for number in range(3):
            drain = {
                "transaction_id": f"T-{number}", "type": "transfer", "amount": "9100.00", "currency": "USD",
                "sender_id": f"acc-{number}", "receiver_id": "acc-9", "country": "US",
                "sender_balance_before": "9100.00", "sender_balance_after": "0.00",
            }  # fmt: skip
            assert self.call("POST", "/api/v1/transactions/", drain, **self.headers).status == 201
        alert = self.call("GET", "/api/v1/alerts/", **self.headers).body["results"][0]["id"]
        case = self.call("POST", "/api/v1/cases/", {"title": "C", "alerts": [alert]}, **self.headers)
        assert case.status == 201
        made = {"name": "watched_shops", "kind": "merchant", "description": "d"}
        assert self.call("POST", "/api/v1/lists/", made, **self.headers).status == 201

    def memory(self) -> float:
        parent = psutil.Process(self.process.pid)
        whole = [parent, *parent.children(recursive=True)]
        return sum(process.memory_info().rss for process in whole) / 2**20


@contextmanager
def attacked_server(log: Path) -> Iterator[AttackedServer]:
    """The caller has unblocked the database."""
    with database_copy() as url:
        places = {"MODEL_DIR": str(log.parent / "models"), "CASE_FILES_DIR": str(log.parent / "files")}
        server = AttackedServer(GENEROUS | places | {"DATABASE_URL": url}, log)
        server.manage("install_engines")
        server.manage("shell", "-c", FILL)
        server.start()
        try:
            server.fill()
            yield server
        finally:
            server.stop()
