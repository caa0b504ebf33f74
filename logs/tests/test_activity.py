"""Recent activity: what live pages start from; losing it fails nobody."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import redis

from logs import activity


@pytest.fixture
def store():
    activity.client().delete(activity.STREAM)
    yield activity.client()
    activity.client().delete(activity.STREAM)


@pytest.fixture
def store_away(settings):
    """A store that nobody answers at."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    activity.client.cache_clear()
    yield
    activity.client.cache_clear()


def test_the_newest_come_first_and_kinds_are_kept_apart(store):
    activity.publish("decision", {"id": 1})
    activity.publish_many([("alert", {"id": 2}), ("decision", {"id": 3, "amount": Decimal("1.50")})])
    assert [message["data"] for message in activity.recent()] == [
        {"id": 3, "amount": "1.50"},
        {"id": 2},
        {"id": 1},
    ]
    assert [message["data"]["id"] for message in activity.recent("decision")] == [3, 1]
    assert [message["data"]["id"] for message in activity.recent("decision", limit=1)] == [3]
    assert activity.recent("job") == []
    newest = activity.recent(limit=1)[0]
    assert newest["kind"] == "decision" and set(newest) == {"id", "kind", "at", "data"}
    assert abs((datetime.now(UTC) - datetime.fromisoformat(newest["at"])).total_seconds()) < 60


def test_the_stream_is_capped(store):
    activity.publish_many([("decision", {"id": number}) for number in range(activity.LENGTH + 500)])
    assert activity.LENGTH <= store.xlen(activity.STREAM) < activity.LENGTH + 150


def test_without_the_store_nothing_is_raised_but_by_append(store_away):
    activity.publish("decision", {"id": 1})
    assert activity.recent() == []
    with pytest.raises(redis.RedisError):
        activity.append([("decision", {"id": 1})])
