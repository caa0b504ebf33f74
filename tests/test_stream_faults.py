"""Streams under faults, with real processes: every distinct event decided once, each key in its order."""

import json
import os
import shutil
import signal
import uuid

import psycopg2
import pytest
import redis

from fraudguard.embedded import addresses, postgres, valkey
from fraudguard.embedded.place import locate
from fraudguard.embedded.session import Session
from tests.real_server import RealServer, database_copy
from tests.stream_storm import SHARDS, SHOP, Consumers, Shop, count, out_of_order, payments, stored, until

pytestmark = pytest.mark.e2e
WAITS = "select 1 from pg_locks where not granted and relation = 'transactions_transaction'::regclass"


def store_of(url):
    return redis.Redis.from_url(url, socket_timeout=5)


def poison(url):
    """Two messages that nobody can decide, in the middle of the others."""
    with store_of(url) as store:
        store.xadd(SHOP.key(0), {"body": b"\xff"})
        store.xadd(SHOP.key(1), {"body": json.dumps({"event": {"transaction_id": "bad", "amount": "x"}})})


def assert_once_and_in_order(database, events, letters=0):
    rows = stored(database)
    assert sorted(name for name, _ in rows) == sorted(event["transaction_id"] for event in events)
    assert list(out_of_order(rows)) == []
    assert count(database, "fraud_detection_assessment") == len(events)
    assert count(database, "fraud_detection_streamdeadletter") == letters


@pytest.mark.django_db
def test_a_consumer_killed_in_the_middle_of_a_batch_loses_and_doubles_nothing(
    django_db_blocker, tmp_path, settings
):
    """The short form: kill -9 while a batch is stored, a second consumer, duplicates and poison."""
    with django_db_blocker.unblock(), database_copy() as database:
        environment = {"DATABASE_URL": database, "STREAM_LEASE_SECONDS": "2"}
        RealServer(environment, tmp_path / "log").manage("install_engines")
        with store_of(settings.STREAM_URL) as store:
            store.flushdb()
        events, consumers = payments(300), Consumers(environment, tmp_path / "log")
        Shop(settings.STREAM_URL).send(events[:200])
        poison(settings.STREAM_URL)
        try:
            with psycopg2.connect(database) as holding, holding.cursor() as cursor:
                cursor.execute("lock table transactions_transaction in share mode")
                killed = consumers.start("--batch", "80")
                until(lambda: _waits(database), 30, tmp_path / "log")
                consumers.kill(killed)
            Shop(settings.STREAM_URL).send(events[200:])
            heir = consumers.start("--batch", "80")
            until(lambda: len(stored(database)) == 300, 60, tmp_path / "log")
            assert consumers.stop(heir) == 0
        finally:
            consumers.end()
        assert_once_and_in_order(database, events, letters=2)
        with store_of(settings.STREAM_URL) as store:
            pending = [store.xpending(SHOP.key(shard), "fraudguard")["pending"] for shard in range(SHARDS)]
            assert pending == [0] * SHARDS
            store.flushdb()


def _waits(database):
    with psycopg2.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(WAITS)
        return cursor.fetchone() is not None


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A PostgreSQL and a Valkey of its own, durable as in production, which a test may take away."""
    place = locate(f"test/{os.environ['FRAUDGUARD_TEST_PLACE']}/storm-{uuid.uuid4().hex[:6]}")
    session = Session(place, durable=True)
    session.open()
    environment = {
        "DATABASE_URL": addresses.database_url(place),
        "REDIS_URL": addresses.redis_url(place),
        "STREAM_URL": addresses.redis_url(place, 1),
        "STREAM_LEASE_SECONDS": "3",
    }
    server = RealServer(environment, tmp_path_factory.mktemp("storm") / "log")
    server.manage("migrate", "-v0")
    server.manage("install_engines")
    server.session, server.place, server.urls = session, place, environment
    yield server
    session.close()
    for path in {place.home, place.run}:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def storm(house):
    """Consumers that end with the test; the events of the tests before it are gone."""
    with store_of(house.urls["STREAM_URL"]) as store:
        store.flushdb()
    with psycopg2.connect(house.urls["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("truncate transactions_transaction, fraud_detection_streamdeadletter cascade")
    consumers = Consumers(house.urls, house.log)
    yield consumers
    consumers.end()


def kill_valkey(house):
    """kill -9, and the supervisor's restart; what was acknowledged stands in its log."""
    valkey._process(house.place).kill()
    until(lambda: not valkey.runs(house.place), 10, house.log)
    house.session.restart(valkey)


def restart_postgres(house):
    postgres.stop(house.place)
    house.session.restart(postgres)


@pytest.mark.long
@pytest.mark.parametrize("fault", [kill_valkey, restart_postgres])
def test_a_service_that_is_killed_and_comes_back_loses_and_doubles_nothing(house, storm, fault):
    database, url = house.urls["DATABASE_URL"], house.urls["STREAM_URL"]
    events, shop = payments(6_000), Shop(url)
    workers = [storm.start("--batch", "100") for _ in range(2)]
    sending = shop.in_background(events, pause=0.1)
    until(lambda: len(stored(database)) > 500, 60, house.log)
    fault(house)
    until(lambda: len(stored(database)) > 2_500, 120, house.log)
    fault(house)
    sending.join(120)
    poison(url)
    until(lambda: len(stored(database)) == 6_000, 240, house.log)
    until(lambda: count(database, "fraud_detection_streamdeadletter") == 2, 60, house.log)
    assert [storm.stop(worker) for worker in workers] == [0, 0]
    assert_once_and_in_order(database, events, letters=2)


@pytest.mark.long
def test_consumers_join_leave_and_die_under_load(house, storm):
    database, url = house.urls["DATABASE_URL"], house.urls["STREAM_URL"]
    events = payments(8_000)
    first = storm.start("--batch", "100")
    sending = Shop(url).in_background(events, pause=0.1)
    until(lambda: len(stored(database)) > 300, 60, house.log)
    second, third = storm.start("--batch", "100"), storm.start("--batch", "100")
    until(lambda: len(stored(database)) > 2_000, 120, house.log)
    assert storm.stop(first) == 0
    until(lambda: len(stored(database)) > 3_500, 120, house.log)
    storm.kill(second)
    fourth = storm.start("--batch", "100")
    sending.join(120)
    until(lambda: len(stored(database)) == 8_000, 240, house.log)
    assert [storm.stop(worker) for worker in (third, fourth)] == [0, 0]
    assert_once_and_in_order(database, events)


def leases(url):
    """{lease: the member that holds it}."""
    with store_of(url) as store:
        keys = [key for key in store.scan_iter("fraudguard:consume:*") if not key.endswith(b":members")]
        return {key: store.get(key) for key in keys}


@pytest.mark.long
def test_a_consumer_that_slept_past_its_lease_doubles_nothing_when_it_wakes(house, storm):
    """SIGSTOP while a batch is stored, an heir decides it and goes on, SIGCONT: it finds it decided."""
    database, url = house.urls["DATABASE_URL"], house.urls["STREAM_URL"]
    events, shop = payments(600), Shop(url)
    shop.send(events[:300])
    with psycopg2.connect(database) as holding, holding.cursor() as cursor:
        cursor.execute("lock table transactions_transaction in share mode")
        asleep = storm.start("--batch", "100")
        until(lambda: _waits(database), 60, house.log)
        os.kill(asleep.pid, signal.SIGSTOP)
        before = set(leases(url).values())
    heir = storm.start("--batch", "100")
    until(lambda: before.isdisjoint(leases(url).values()) and len(leases(url)) == SHARDS, 60, house.log)
    os.kill(asleep.pid, signal.SIGCONT)
    shop.send(events[300:])
    until(lambda: len(stored(database)) == 600, 120, house.log)
    assert [storm.stop(worker) for worker in (asleep, heir)] == [0, 0]
    assert_once_and_in_order(database, events)


@pytest.mark.long
def test_a_store_that_is_emptied_loses_what_stood_in_it_and_nothing_that_comes_after(house, storm):
    """FLUSHALL under two consumers; the shop sends everything again, as it must."""
    database, url = house.urls["DATABASE_URL"], house.urls["STREAM_URL"]
    events, shop = payments(1_200), Shop(url)
    workers = [storm.start("--batch", "50") for _ in range(2)]
    shop.send(events[:800])
    until(lambda: len(stored(database)) > 100, 60, house.log)
    with store_of(url) as store:
        store.flushall()
    shop.send(events)
    until(lambda: len(stored(database)) == 1_200, 120, house.log)
    assert [storm.stop(worker) for worker in workers] == [0, 0]
    assert_once_and_in_order(database, events)
