"""A real worker is killed between sending a webhook and noting it: sent twice at most, under one id."""

import os
import signal
import sys
import time

import psycopg2
import pytest

from alerts.tests.receivers import receiving
from tests.real_server import RealServer, database_copy, started

pytestmark = [pytest.mark.long, pytest.mark.e2e, pytest.mark.django_db]
TASK = "alerts.tasks.send_webhooks"
PREPARE = """
from users.models import User
from alerts.models import OutboxMessage
from alerts.services.outbox import relay_outbox
from alerts.services.webhooks import new_endpoint
who = User.objects.create_user("kill@example.com", role="admin")
new_endpoint(url="{url}/hook", events=["alert.created"], acting_user=who)
OutboxMessage.objects.create(topic="alert.created", payload={{"alert_id": 7}})
relay_outbox()
"""
TWO_ENDPOINTS = """
from users.models import User
from alerts.services.webhooks import new_endpoint
who = User.objects.create_user("fan@example.com", role="admin")
for n in range(2):
    new_endpoint(url=f"https://93.184.216.34/{n}", events=["case.closed"], acting_user=who)
"""
RELAY = "alerts.tasks.relay_outbox"
MANY = """
insert into alerts_outboxmessage (topic, payload, created_at, attempts, next_attempt_at, dead_reason)
select 'case.closed', '{}', now(), 0, now(), '' from generate_series(1, 2500)
"""
OF_THIS = "join alerts_outboxmessage m on m.id = d.message_id where m.topic = 'case.closed'"
INSERTING = """
select count(*) from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and query like '%alerts_webhookdelivery%'
"""


def worker(environment, log):
    """A Celery worker of one process that serves the notifications queue."""
    command = [sys.executable, "-m", "celery", "-A", "fraudguard", "worker", "-Q", "notifications"]
    command += ["-P", "solo", "--without-gossip", "--without-mingle", "-l", "info"]
    return started(command, environment, log)


def ask(broker, task=TASK):
    from fraudguard.celery import app

    with app.connection_for_write(broker) as connection:
        app.send_task(task, connection=connection, queue="notifications")


def query(url, sql):
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def until(url, sql, wanted, seconds=120):
    deadline = time.monotonic() + seconds
    while query(url, sql) != wanted:
        assert time.monotonic() < deadline, query(url, sql)
        time.sleep(0.05)  # asking again, not waiting for a result


@pytest.fixture(scope="module")
def own_database(django_db_setup, django_db_blocker):
    """The address of a database that the worker and this test share."""
    with django_db_blocker.unblock(), database_copy() as url:
        yield url


def test_killed_between_send_and_mark(own_database, settings, tmp_path):
    url, broker = own_database, settings.CELERY_BROKER_URL
    changes = {
        "DATABASE_URL": url,
        "REDIS_URL": settings.REDIS_URL,
        "CELERY_BROKER_URL": broker,
        "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        "WEBHOOK_ALLOW_HTTP": "true",
        "WEBHOOK_TIMEOUT_SECONDS": "30",
    }
    house, log = RealServer(changes, tmp_path / "web.log"), tmp_path / "worker.log"
    state = "select state, attempts from alerts_webhookdelivery"
    with receiving() as receiver:
        house.manage("shell", "-c", PREPARE.format(url=receiver.url))
        receiver.answer = receiver.hang
        with worker(house.environment, log) as first:
            ask(broker)
            assert receiver.wait_for(1, 60), log.read_text()
            os.killpg(first.pid, signal.SIGKILL)
            first.wait()
        receiver.let_go.set()
        assert query(url, state) == [("pending", 1)]
        query(url, "update alerts_webhookdelivery set next_attempt_at = now()")  # the lease is over
        receiver.answer = lambda received: 204
        with worker(house.environment, log):
            ask(broker)
            until(url, state, [("delivered", 2)])
            ask(broker)
            until(url, "select count(*) from alerts_deliveryattempt", [(1,)])
        assert len(receiver.received) == 2
        assert len({got.headers["webhook-id"] for got in receiver.received}) == 1
        assert receiver.received[0].body == receiver.received[1].body


def test_killed_amid_the_fan_out_leaves_one_delivery_for_each_message_and_endpoint(
    own_database, settings, tmp_path
):
    url, broker = own_database, settings.CELERY_BROKER_URL
    changes = {"DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, "CELERY_BROKER_URL": broker}
    house, log = RealServer(changes, tmp_path / "web.log"), tmp_path / "worker.log"
    house.manage("shell", "-c", TWO_ENDPOINTS)
    query(url, MANY)
    with psycopg2.connect(url) as holding, holding.cursor() as cursor:
        cursor.execute("lock table alerts_webhookdelivery in share mode")  # its inserts wait
        with worker(house.environment, log) as first:
            ask(broker, RELAY)
            until(url, INSERTING, [(1,)])
            os.killpg(first.pid, signal.SIGKILL)
            first.wait()
        holding.rollback()
    until(url, INSERTING, [(0,)])
    assert query(url, "select count(*) from alerts_webhookdelivery d " + OF_THIS) == [(0,)]
    with worker(house.environment, log):
        ask(broker, RELAY)
        until(url, "select count(*) from alerts_outboxmessage where relayed_at is null", [(0,)])
    counted = "select count(*), count(distinct (d.message_id, d.endpoint_id)) from alerts_webhookdelivery d "
    assert query(url, counted + OF_THIS) == [(5_000, 5_000)]
