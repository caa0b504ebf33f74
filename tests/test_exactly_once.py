"""Exact under concurrency and exactly once, through real processes and real HTTP."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.real_server import RealServer, database_copy

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    """A server on a database of its own."""
    with django_db_blocker.unblock(), database_copy() as url:
        server = RealServer({"DATABASE_URL": url}, tmp_path_factory.mktemp("server") / "web.log")
        server.manage("install_engines")
        server.key = server.manage("create_api_key", "e2e", "--scope", "ingest", "--scope", "read").strip()
        server.start()
        yield server
        server.stop()


@pytest.fixture
def post(server):
    def send(body):
        return server.call("POST", "/api/v1/transactions/", body, X_API_Key=server.key)

    return send


def a_payment(sender, transaction_id, **changes):
    return {
        "transaction_id": transaction_id,
        "type": "payment",
        "amount": "10.00",
        "currency": "USD",
        "sender_id": sender,
        "receiver_id": "e2e-shop",
        "merchant_id": "e2e-shop",
        "country": "US",
    } | changes


def fired(answer, rule):
    return next((hit for hit in answer.body["alerts"] if hit["rule"] == rule), None)


def test_fifty_simultaneous_events_of_one_sender_see_every_count_once(post):
    sender = uuid.uuid4().hex
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda n: post(a_payment(sender, f"{sender}-{n}")), range(50)))
    assert {answer.status for answer in answers} == {201}
    counts = [
        fired(answer, "VELOCITY_COUNT")["metadata"]["sender_count_1h"]
        for answer in answers
        if fired(answer, "VELOCITY_COUNT")
    ]
    assert sorted(counts) == list(range(10, 51))


def test_twenty_simultaneous_copies_store_one_and_answer_the_same(server, post):
    body = a_payment("e2e-copies", uuid.uuid4().hex)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: post(body), range(20)))
    assert sorted(answer.status for answer in answers) == [200] * 19 + [201]
    assert all(answer.body == answers[0].body for answer in answers)
    replayed = [answer for answer in answers if answer.status == 200]
    assert all(answer.headers["idempotent-replayed"] == "true" for answer in replayed)
    listed = server.call(
        "GET", f"/api/v1/transactions/?transaction_id={body['transaction_id']}", X_API_Key=server.key
    )
    assert len(listed.body["results"]) == 1


def test_crossing_transfers_do_not_deadlock(post):
    def both_ways(n):
        pair = ("e2e-a", "e2e-b") if n % 2 else ("e2e-b", "e2e-a")
        changes = {"type": "transfer", "receiver_id": pair[1], "merchant_id": None, "device_id": f"d{n % 3}"}
        return post(a_payment(pair[0], f"cross-{n}-{uuid.uuid4().hex}", **changes))

    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(both_ways, range(120)))
    assert {answer.status for answer in answers} == {201}
    assert not any(answer.body["degraded_parts"] != ["model"] for answer in answers)


def test_what_was_acknowledged_survives_kill_9_and_a_retry_lands_once(server, post):
    names = [f"kill-{uuid.uuid4().hex}" for _ in range(60)]
    acknowledged = set()

    def send(name):
        try:
            if post(a_payment(f"e2e-{name[-2:]}", name)).status == 201:
                acknowledged.add(name)
        except OSError:
            return
        if len(acknowledged) == 20:
            server.kill()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, names))
    server.start()
    retried = {name: post(a_payment(f"e2e-{name[-2:]}", name)).status for name in names}
    assert len(acknowledged) >= 20
    assert {retried[name] for name in acknowledged} == {200}
    assert set(retried.values()) <= {200, 201}
    for name in names:
        listed = server.call("GET", f"/api/v1/transactions/?transaction_id={name}", X_API_Key=server.key)
        assert len(listed.body["results"]) == 1
