"""Decisions and alerts to a stream: what is told, in which order, and when the stream is away."""

import json

import pytest
import redis

from alerts.models import OutboxMessage, StreamDelivery
from alerts.services.fan_out import fan_out
from alerts.services.streaming import relay_to_stream
from alerts.services.streaming.publishing import publisher

pytestmark = pytest.mark.django_db


@pytest.fixture
def out(settings):
    """The store that the streams stand in; STREAM_OUT is on."""
    settings.STREAM_OUT = "valkey"
    publisher.cache_clear()
    with redis.Redis.from_url(settings.STREAM_URL) as store:
        store.flushdb()
        yield store
        store.flushdb()
    publisher.cache_clear()


def bodies(store, stream):
    return [json.loads(fields[b"body"]) for _, fields in store.xrange(stream)]


def tell(topic, **payload):
    return OutboxMessage.objects.create(topic=topic, payload=payload)


def test_alerts_and_decisions_go_to_their_streams_in_order(out):
    first = tell("alert.created", alert_id=7, engine="payments", reason="a name that is not told")
    tell("case.created", case_id=1)  # not among the topics
    second = tell("alert.resolved", alert_id=7, disposition="fraud")
    decision = tell("decision.made", id=1, transaction_id="T-1", decision="approve", key="cust-1")
    fan_out()
    assert relay_to_stream() == 3
    told = bodies(out, "fraudguard.alerts")
    assert [(one["id"], one["type"], one["key"]) for one in told] == [
        (first.pk, "alert.created", "7"),
        (second.pk, "alert.resolved", "7"),
    ]
    assert told[0]["data"] == {"alert_id": 7, "engine": "payments"}
    (made,) = bodies(out, "fraudguard.decisions")
    assert (made["id"], made["key"]) == (decision.pk, "cust-1")
    assert made["data"] == {"id": 1, "transaction_id": "T-1", "decision": "approve"}
    assert relay_to_stream() == 0 and not StreamDelivery.objects.exists()


def test_what_a_stream_did_not_take_stays_and_comes_first(out, settings):
    given, settings.STREAM_URL = settings.STREAM_URL, "redis://127.0.0.1:1/0"
    publisher.cache_clear()
    tell("alert.created", alert_id=1)
    fan_out()
    assert relay_to_stream() == 0
    assert StreamDelivery.objects.count() == 1
    publisher.cache_clear()
    settings.STREAM_URL = given
    tell("alert.created", alert_id=2)
    fan_out()
    assert relay_to_stream() == 2
    assert [one["data"]["alert_id"] for one in bodies(out, "fraudguard.alerts")] == [1, 2]


def test_without_the_setting_nothing_waits(settings):
    settings.STREAM_OUT = ""
    tell("alert.created", alert_id=1)
    fan_out()
    assert not StreamDelivery.objects.exists()


def test_decisions_are_told_with_their_customer(out, approving_engine, client_system, payment):
    from fraud_detection.services.decisions import decide_payments

    records = [payment(sender_id=name) for name in ("acc-1", "acc-2")]
    decide_payments(records, client=client_system)
    decide_payments([payment(sender_id="acc-3")], client=client_system)
    fan_out()
    assert relay_to_stream() == 3
    assert [one["key"] for one in bodies(out, "fraudguard.decisions")] == ["acc-1", "acc-2", "acc-3"]
