"""The call log of real web processes: whole after a stop in order, bounded loss after a kill."""

import time

import psycopg2
import pytest

from tests.real_server import RealServer, database_copy

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db]
CALLS = 40


@pytest.fixture
def server(django_db_setup, django_db_blocker, tmp_path):
    with django_db_blocker.unblock(), database_copy() as url:
        environment = {"DATABASE_URL": url, "CALL_LOG_DAYS": "30", "CALL_LOG_SAMPLE": "1"}
        server = RealServer(environment, tmp_path / "web.log")
        server.url = url
        yield server
        if server.process and server.process.poll() is None:
            server.kill()


def start(server, times) -> None:
    """Up with both workers: a stop before would not reach the second."""
    server.start()
    deadline = time.monotonic() + 60
    while server.log.read_text().count("Started worker-") < 2 * times:
        assert time.monotonic() < deadline, server.log.read_text()
        time.sleep(0.05)  # asking again, not waiting for a result


def noted(server) -> list[str]:
    with psycopg2.connect(server.url) as connection, connection.cursor() as cursor:
        cursor.execute("select request_id from logs_apicall where route = 'api/v1/health' order by 1")
        return [row[0] for row in cursor.fetchall()]


def ask(server, numbers) -> list[str]:
    names = [f"trace-{number:06}" for number in numbers]
    for name in names:
        assert server.call("GET", "/api/v1/health/", X_Request_ID=name).status == 200
    return names


def test_a_stop_writes_what_waits_and_a_kill_loses_only_that(server):
    start(server, 1)
    asked = ask(server, range(CALLS))
    server.stop()
    assert noted(server) == asked
    start(server, 2)
    more = ask(server, range(CALLS, 2 * CALLS))
    server.kill()
    kept = noted(server)
    assert set(asked) <= set(kept) <= {*asked, *more} and len(kept) == len(set(kept))
    start(server, 3)
    last = ask(server, range(2 * CALLS, 2 * CALLS + 5))
    server.stop()
    assert set(last) <= set(noted(server))
    with psycopg2.connect(server.url) as connection, connection.cursor() as cursor:
        cursor.execute("select kind, count(*) from logs_systemevent where component = 'web' group by 1")
        counted = dict(cursor.fetchall())
    assert counted["process.started"] == 6  # two workers, started three times
    assert counted["process.stopped"] == 4  # those that were killed said nothing
