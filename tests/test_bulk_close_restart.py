"""The database is restarted while a thousand alerts are being closed over HTTP."""

import os
import shutil
import threading
import time
import uuid
from contextlib import closing

import psycopg2
import pytest

from fraudguard.embedded import addresses, postgres
from fraudguard.embedded.place import locate
from fraudguard.embedded.session import Session
from tests.real_server import RealServer

pytestmark = [pytest.mark.e2e, pytest.mark.long]
RAISE = """
from django.utils import timezone
from alerts.services import Suspicion, raise_alerts
from users.models import User
from users.services.tokens import issue_tokens
def of(n):
    return Suspicion("payments", "f", "sender", f"s{n}", None, "high", 60.0, 100, "R", "why", 1)
raise_alerts([of(n) for n in range(1000)], at=timezone.now())
user = User.objects.create_user("ana@example.com", role="analyst")
print(issue_tokens(user).access)
"""
STANDING = """
from alerts.models import Alert
from logs.models import AuditEvent
closed = set(Alert.objects.filter(status="resolved").values_list("pk", flat=True))
deeds = [int(s) for s in AuditEvent.objects.filter(action="alert.resolved").values_list("subject", flat=True)]
print(len(closed), len(deeds), closed == set(deeds))
"""


@pytest.fixture
def house(tmp_path_factory):
    place = locate(f"test/{os.environ['FRAUDGUARD_TEST_PLACE']}/bulk-{uuid.uuid4().hex[:6]}")
    session = Session(place, durable=True)
    session.open()
    environment = {"DATABASE_URL": addresses.database_url(place), "REDIS_URL": addresses.redis_url(place)}
    server = RealServer(environment, tmp_path_factory.mktemp("bulk") / "web.log")
    server.manage("migrate", "-v0")
    server.session, server.place = session, place
    yield server
    server.stop()
    session.close()
    for path in {place.home, place.run}:
        shutil.rmtree(path, ignore_errors=True)


def wait_until_some_are_closed(house):
    """Somewhere in the middle; whatever was reached by then must hold."""
    given_up = time.monotonic() + 30
    with closing(psycopg2.connect(house.environment["DATABASE_URL"])) as database:
        database.autocommit = True
        with database.cursor() as cursor:
            while time.monotonic() < given_up:
                cursor.execute("select count(*) from alerts_alert where status = 'resolved'")
                if cursor.fetchone()[0]:
                    return


def test_each_alert_is_closed_with_its_record_or_open_and_the_rest_follows(house):
    token = house.manage("shell", "-c", RAISE).strip().splitlines()[-1]
    house.start()
    listed = [{"id": n + 1, "version": 1} for n in range(1_000)]
    body = {"action": "resolve", "disposition": "inconclusive", "note": "a test", "alerts": listed}
    answers = []

    def close():
        answers.append(house.call("POST", "/api/v1/alerts/bulk/", body, Authorization=f"Bearer {token}"))

    caller = threading.Thread(target=close)
    caller.start()
    wait_until_some_are_closed(house)
    postgres.stop(house.place)
    caller.join(60)
    house.session.restart(postgres)
    assert answers[0].status in (200, 503)
    closed, recorded, same = house.manage("shell", "-c", STANDING).split()[-3:]
    assert (closed, same) == (recorded, "True")
    close()
    said = answers[-1].body
    assert answers[-1].status == 200 and said["refused"] == []
    assert len(said["done"]) + len(said["already"]) == 1_000
    assert house.manage("shell", "-c", STANDING).split()[-3:] == ["1000", "1000", "True"]
