"""Streams through the API: what is told, and dead letters replayed and discarded once."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from fraud_detection.models import LetterState, StreamDeadLetter, StreamKind, StreamShard
from fraud_detection.services.streaming.deciding import read_all
from fraud_detection.services.streaming.letters import keep_letters
from fraud_detection.services.streaming.names import Stream
from fraud_detection.services.streaming.reporting import store_lags
from fraud_detection.services.streaming.source import Lag, Message
from logs.models import AuditEvent
from transactions.models import Transaction

pytestmark = pytest.mark.django_db
SHOP = Stream("shop")
MARKET_ORDER = {
    "event_id": "M-1", "event": "order", "symbol": "XYZ", "side": "buy", "order_id": "o1", "trader_id": "t1",
    "price": "10.00", "volume": 5, "occurred_at": "2026-01-05T10:00:00Z",
}  # fmt: skip


@pytest.fixture
def letter(approving_engine):
    """letter(body) is a message that waits; the body is an envelope unless it is bytes."""

    def make(body, position="1-0"):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        _, buried = read_all([Message(SHOP, 0, position, 0, raw)])
        keep_letters("valkey", buried)
        return StreamDeadLetter.objects.order_by("id").last()

    return make


def test_streams_are_told_of_with_their_lag(as_person):
    store_lags("kafka", "g", [Lag(SHOP, 1, "c", 40, 2), Lag(SHOP, 0, "c", 2)])
    # However slow the machine that the test runs on is, one is fresh and one is not.
    StreamShard.objects.filter(shard=0).update(measured_at=timezone.now() + timedelta(hours=1))
    StreamShard.objects.filter(shard=1).update(measured_at=timezone.now() - timedelta(hours=1))
    body = as_person("auditor").get("/api/v1/streams/").json()
    assert (body["lag"], body["unacknowledged"], body["letters_waiting"]) == (42, 2, 0)
    assert [(one["shard"], one["stale"]) for one in body["shards"]] == [(0, False), (1, True)]
    told = as_person("auditor").get("/api/v1/prometheus/").content.decode()
    assert 'fraudguard_stream_lag{group="g",shard="1",source="kafka",stream="shop"} 40.0' in told
    assert as_person("auditor").get("/api/v1/metrics/").json()["streams"]["lag"] == 42


def test_without_consumers_nothing_is_claimed(as_person):
    body = as_person().get("/api/v1/streams/").json()
    assert (body["lag"], body["consumers"], body["shards"]) == (None, [], [])


def test_a_replay_decides_what_can_be_decided_by_now(as_person, letter, payment):
    event = payment(transaction_id="L-1")
    kept = letter({"event": event, "client": "bank"})  # refused; the row is mended as its producer would
    StreamDeadLetter.objects.update(body=json.dumps({"event": event}).encode())
    client = as_person()
    answer = client.post(f"/api/v1/streams/dead-letters/{kept.pk}/replay/")
    assert answer.status_code == 200
    assert (answer.json()["letter"]["state"], answer.json()["known"]) == ("replayed", False)
    assert Transaction.objects.get().transaction_id == "L-1"
    audit = AuditEvent.objects.get(action="dead_letter.replayed")
    assert (audit.actor, audit.subject) == (client.person.email, str(kept.pk))
    again = client.post(f"/api/v1/streams/dead-letters/{kept.pk}/replay/")
    assert again.status_code == 409 and client.person.email in again.json()["detail"]
    assert Transaction.objects.count() == 1


def test_a_replay_that_still_fails_says_why_and_keeps_the_letter(as_person, letter):
    kept = letter(b"{")
    answer = as_person().post(f"/api/v1/streams/dead-letters/{kept.pk}/replay/")
    assert answer.status_code == 422
    assert "still cannot be decided: the message is not JSON" in answer.json()["detail"]
    kept.refresh_from_db()
    assert (kept.state, kept.attempts) == (LetterState.WAITING, 2)
    assert not AuditEvent.objects.filter(action__startswith="dead_letter").exists()


def test_a_letter_is_discarded_with_a_reason_once(as_person, letter):
    kept, client = letter(b"{"), as_person()
    address = f"/api/v1/streams/dead-letters/{kept.pk}/discard/"
    assert client.post(address, {"note": "  "}, format="json").status_code == 422
    done = client.post(address, {"note": "a test of the shop"}, format="json")
    assert (done.status_code, done.json()["state"], done.json()["note"]) == (
        200,
        "discarded",
        "a test of the shop",
    )
    assert client.post(address, {"note": "again"}, format="json").status_code == 409
    assert AuditEvent.objects.filter(action="dead_letter.discarded").count() == 1


def test_letters_are_listed_newest_first_and_filtered(as_person, letter):
    letter(b"{", "1-0")
    letter({"event": {"transaction_id": "X"}, "engine": "chess"}, "2-0")
    client = as_person("auditor")
    listed = client.get("/api/v1/streams/dead-letters/").json()["results"]
    assert [one["position"] for one in listed] == ["2-0", "1-0"]
    only = client.get("/api/v1/streams/dead-letters/?reason=not_readable").json()["results"]
    assert [one["position"] for one in only] == ["1-0"]
    whole = client.get(f"/api/v1/streams/dead-letters/{only[0]['id']}/").json()
    assert (whole["text"], whole["is_redacted"]) == ("{", False)


def test_the_same_message_is_kept_once(letter):
    letter(b"{")
    letter(b"{")
    letter(b"{}")  # another message at the same place: the stream was made anew
    assert StreamDeadLetter.objects.count() == 2


def test_keys_settle_nothing(as_key, letter):
    kept = letter(b"{")
    answer = as_key("admin").post(f"/api/v1/streams/dead-letters/{kept.pk}/replay/")
    assert answer.status_code == 403
    kept.refresh_from_db()
    assert kept.state == LetterState.WAITING and kept.kind == StreamKind.VALKEY


def test_a_replay_that_fails_inside_is_refused_and_kept(as_person):
    """No engine is installed for it: deciding raises, which a person is told, and which is no 500."""
    kept = StreamDeadLetter.objects.create(
        kind="valkey", stream="shop", shard=0, position="5-0", client="shop", engine="market",
        event_id="M-1", reason="failed", detail="before", digest=b"x" * 32,
        body=json.dumps({"engine": "market", "event": MARKET_ORDER}).encode(),
    )  # fmt: skip
    response = as_person().post(f"/api/v1/streams/dead-letters/{kept.pk}/replay/")
    assert response.status_code == 422, response.content
    kept.refresh_from_db()
    assert (kept.state, kept.reason, kept.attempts) == ("waiting", "failed", 2) and kept.detail != "before"
