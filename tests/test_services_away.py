"""The database or the store goes away under a serving FraudGuard, and comes back."""

import os
import shutil
import uuid

import pytest

from fraudguard.embedded import addresses, postgres, valkey
from fraudguard.embedded.place import locate
from fraudguard.embedded.session import Session
from tests.real_server import RealServer

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A server with a PostgreSQL and a Valkey of its own, which a test may take away."""
    place = locate(f"test/{os.environ['FRAUDGUARD_TEST_PLACE']}/away-{uuid.uuid4().hex[:6]}")
    session = Session(place, durable=True)
    session.open()
    environment = {"DATABASE_URL": addresses.database_url(place), "REDIS_URL": addresses.redis_url(place)}
    server = RealServer(environment, tmp_path_factory.mktemp("away") / "web.log")
    server.manage("migrate", "-v0")
    server.manage("install_engines")
    server.key = server.manage("create_api_key", "away", "--scope", "ingest", "--scope", "read").strip()
    server.start()
    server.session, server.place = session, place
    yield server
    server.stop()
    session.close()
    for path in {place.home, place.run}:
        shutil.rmtree(path, ignore_errors=True)


def post(server, name):
    body = {"transaction_id": name, "amount": "10.00", "sender_id": "away-s", "receiver_id": "away-r"}
    return server.call("POST", "/api/v1/transactions/", body, X_API_Key=server.key)


def test_without_the_database_a_client_is_told_to_retry_and_the_retry_lands_once(house):
    assert post(house, "before").status == 201
    postgres.stop(house.place)
    refused = post(house, "during")
    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    assert refused.headers["content-type"] == "application/problem+json"
    assert house.call("GET", "/health").status == 200
    house.session.restart(postgres)
    assert [post(house, "during").status for _ in range(2)] == [201, 200]
    assert post(house, "before").status == 200
    listed = house.call("GET", "/api/v1/transactions/?sender_id=away-s", X_API_Key=house.key)
    assert sorted(event["transaction_id"] for event in listed.body["results"]) == ["before", "during"]


def test_without_the_store_decisions_go_on(house):
    valkey.stop(house.place)
    answer = post(house, "no-store")
    assert answer.status == 201
    assert answer.body["degraded_parts"] == ["model"]  # there is none here; nothing else is missing
    house.session.restart(valkey)
    assert post(house, "no-store").status == 200
