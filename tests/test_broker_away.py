"""The broker, which is the store too, is killed and stays away: everything is told when it is back.

Beat and worker are real processes that live through it; what is written meanwhile waits in PostgreSQL.
"""

import os
import signal
import sys
import time

import pytest

from alerts.tests.receivers import receiving
from fraudguard.embedded.place import locate
from tests.real_server import RealServer, _free_port, started
from tests.test_deliveries import own_database, query, until, worker  # noqa: F401

pytestmark = [pytest.mark.long, pytest.mark.e2e, pytest.mark.django_db]
AWAY = 45  # seconds; AWAY_SECONDS in the environment asks for more
PREPARE = """
from users.models import User
from alerts.services.webhooks import new_endpoint
who = User.objects.create_user("broker@example.com", role="admin")
new_endpoint(url="{url}/hook", events=["alert.created"], acting_user=who)
"""
WRITE = """
insert into alerts_outboxmessage (topic, payload, created_at, attempts, next_attempt_at, dead_reason)
select 'alert.created', jsonb_build_object('alert_id', n, 'severity', 'low'), now(), 0, now(), ''
from generate_series({start}, {end}) n
"""
WAITING = "select count(*) from alerts_outboxmessage where relayed_at is null or delivered_at is null"
STATES = "select state, count(*) from alerts_webhookdelivery group by state"


def store(port, tmp_path):
    command = [str(locate().valkey_program()), "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    return started(command, os.environ, tmp_path / "store.log")


def beat(environment, tmp_path):
    command = [sys.executable, "-m", "celery", "-A", "fraudguard", "beat", "--pidfile=", "-l", "info"]
    return started([*command, "-s", str(tmp_path / "beat")], environment, tmp_path / "beat.log")


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM])
def test_what_is_written_while_the_broker_is_away_is_told_once_afterwards(own_database, tmp_path, kill):  # noqa: F811
    port, away = _free_port(), float(os.environ.get("AWAY_SECONDS", AWAY))
    changes = {
        "DATABASE_URL": own_database,
        "REDIS_URL": f"redis://127.0.0.1:{port}/0",
        "CELERY_BROKER_URL": f"redis://127.0.0.1:{port}/1",
        "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        "WEBHOOK_ALLOW_HTTP": "true",
    }
    house, log = RealServer(changes, tmp_path / "web.log"), tmp_path / "worker.log"
    for table in ("deliveryattempt", "webhookdelivery", "webhookendpoint", "outboxmessage"):
        query(own_database, f"delete from alerts_{table}")
    query(own_database, "delete from users_user where email = 'broker@example.com'")
    with receiving() as receiver, store(port, tmp_path) as first:
        house.manage("shell", "-c", PREPARE.format(url=receiver.url))
        with worker(house.environment, log) as working, beat(house.environment, tmp_path) as beating:
            query(own_database, WRITE.format(start=1, end=20))
            until(own_database, STATES, [("delivered", 20)])
            first.send_signal(kill)
            first.wait()
            query(own_database, WRITE.format(start=21, end=70))
            back = time.monotonic() + away
            while time.monotonic() < back:
                assert working.poll() is None and beating.poll() is None
                time.sleep(0.5)  # the outage itself
            with store(port, tmp_path):
                until(own_database, STATES, [("delivered", 70)], 120)
                until(own_database, WAITING, [(0,)], 120)
    ids = [got.headers["webhook-id"] for got in receiver.received]
    assert len(ids) == len(set(ids)) == 70
    assert query(own_database, "select distinct dead_reason from alerts_outboxmessage") == [("",)]
