"""Dead letters: what they keep, how they go, and that people hear when nobody consumes."""

import json
from datetime import timedelta

import pytest
import redis
from django.utils import timezone

from alerts.models import OutboxMessage, SystemAlert
from fraud_detection.models import LetterReason, StreamConsumer, StreamDeadLetter, StreamShard
from fraud_detection.services.privacy import leftovers, purge_expired
from fraud_detection.services.streaming.deciding import Buried
from fraud_detection.services.streaming.letters import as_letter, discard_letter, keep_letters, shown
from fraud_detection.services.streaming.names import Stream
from fraud_detection.services.streaming.reporting import forget_consumers
from fraud_detection.services.streaming.source import Message
from fraud_detection.services.streaming.watching import watch_streams

pytestmark = pytest.mark.django_db
CARD = "4111111111111111"
TOLD = "fraudguard:dead:shop"


@pytest.fixture
def store(settings):
    with redis.Redis.from_url(settings.STREAM_URL) as client:
        client.flushdb()
        yield client
        client.flushdb()


def buried(body: bytes, position: str = "1-0", detail: str = "no") -> Buried:
    return Buried(Message(Stream("shop"), 0, position, 0, body), LetterReason.NOT_READABLE, detail)


@pytest.mark.parametrize(
    "body",
    [
        f'{{"card": "{CARD}", "card": "x"}}',
        f'{{"card": {CARD}}}',
        f'{{"a": ["{CARD}"',
        f'{{"{CARD}": 1}}',
    ],
)
def test_no_spelling_of_a_body_keeps_its_card_number(body):
    letter = as_letter("valkey", buried(body.encode()))
    assert CARD not in letter.text and "411111******1111" in letter.text and letter.is_redacted


def test_of_a_message_that_is_too_large_the_beginning_is_kept(settings):
    settings.STREAM_MESSAGE_BYTES = 1_024
    body = b"x" * 1_010 + b" " + CARD.encode() + b"y" * 5_000  # the limit stands within the number
    letter = as_letter("valkey", buried(body))
    assert letter.body == b"x" * 1_010 + b" " and letter.is_redacted


def letters(store):
    """Three, settled and not, stored and told as a consumer does."""
    for number, body in enumerate((b"one", b"two", b"three")):
        one = buried(body, f"{number}-0")
        keep_letters("valkey", [one])
        given = {key: value if isinstance(value, bytes) else str(value)
                 for key, value in shown(as_letter("valkey", one)).items()}  # fmt: skip
        store.xadd(TOLD, given, id=f"{1_000 + number}-0" if number < 2 else "*")
    return list(StreamDeadLetter.objects.order_by("id"))


def test_settled_letters_go_in_time_and_waiting_ones_stay(store, settings):
    old, fresh, waiting = letters(store)
    for letter in (old, fresh):
        discard_letter(letter.pk, note="tried", actor="test")
    past = timezone.now() - timedelta(days=settings.DELIVERY_RETENTION_DAYS + 1)
    StreamDeadLetter.objects.filter(pk=old.pk).update(settled_at=past)
    StreamDeadLetter.objects.filter(pk=waiting.pk).update(created_at=past)
    assert purge_expired(only="letters", dry_run=True) == {"letters": 1}
    assert purge_expired(only="letters") == {"letters": 1}
    assert set(StreamDeadLetter.objects.values_list("pk", flat=True)) == {fresh.pk, waiting.pk}
    assert [fields[b"body"] for _, fields in store.xrange(TOLD)] == [b"three"]


class Erased:
    """What an erasure looks for, and what takes its place."""

    searched = ("José Quist", "acct-99120")

    class pseudonyms:
        @staticmethod
        def text(text: str) -> str:
            return text.replace("acct-99120", "gone")


def test_an_erasure_empties_letters_here_and_at_the_stream(store):
    bodies = [
        json.dumps({"name": "José Quist"}),
        json.dumps({"name": "JOSÉ QUIST"}, ensure_ascii=False),
        "{other",
    ]
    for number, body in enumerate(bodies):
        one = buried(body.encode(), f"{number}-0")
        keep_letters("valkey", [one])
        store.xadd(TOLD, {"body": body, "detail": "no"})
    keep_letters("valkey", [buried(b"{", "9-0", detail="sender_id: acct-99120 is closed")])
    assert leftovers.dead_letters(Erased()) == 3
    kept = StreamDeadLetter.objects.order_by("id").values_list("body", "detail")
    assert [(bytes(body), detail) for body, detail in kept] == [
        (b"", "no"), (b"", "no"), (b"{other", "no"), (b"", "sender_id: gone is closed"),
    ]  # fmt: skip
    assert [fields[b"body"] for _, fields in store.xrange(TOLD)] == [b"{other"]


def test_an_erasure_goes_on_while_the_store_of_streams_is_away(settings):
    settings.STREAM_URL = "redis://127.0.0.1:1/0"
    keep_letters("valkey", [buried(b"acct-99120")])
    assert leftovers.dead_letters(Erased()) == 1
    assert bytes(StreamDeadLetter.objects.get().body) == b""


def shard(number: int, minutes: int, stream: str = "shop", **changes) -> StreamShard:
    given = {"kind": "valkey", "group": "fraudguard", "lag": 40, "unacknowledged": 2} | changes
    measured = timezone.now() - timedelta(minutes=minutes)
    return StreamShard.objects.create(stream=stream, shard=number, measured_at=measured, **given)


def test_people_hear_once_when_nobody_consumes_and_when_somebody_does_again(settings):
    settings.STREAM_SOURCE, settings.STREAM_CLIENTS, settings.STREAM_GROUP = "valkey", ["shop"], "fraudguard"
    shard(0, minutes=0)
    shard(0, minutes=50, stream="former-client")
    shard(0, minutes=50, group="archive")
    assert watch_streams(timezone.now()) == ""
    lost = shard(1, minutes=5)
    told = watch_streams(timezone.now())
    assert told.startswith("1 of 2 shards") and "42 messages waited" in told
    watch_streams(timezone.now())
    assert OutboxMessage.objects.filter(payload__kind="streams.unconsumed").count() == 1
    StreamShard.objects.filter(pk=lost.pk).update(measured_at=timezone.now())
    assert watch_streams(timezone.now()) == ""
    assert SystemAlert.objects.get(kind="streams.unconsumed").cleared_at is not None


def test_a_consumer_that_never_started_is_missed_and_one_that_has_no_shard_yet_is_not(settings):
    settings.STREAM_SOURCE, settings.STREAM_CLIENTS, settings.STREAM_GROUP = "valkey", ["shop"], "fraudguard"
    assert watch_streams(timezone.now()).startswith("No consumer of valkey")
    StreamConsumer.objects.create(name="one", kind="valkey", group="fraudguard")
    assert watch_streams(timezone.now()) == ""


def test_shards_that_are_none_any_more_are_forgotten():
    shard(7, minutes=3 * 24 * 60)
    kept = shard(0, minutes=60)
    forget_consumers()
    assert list(StreamShard.objects.all()) == [kept]
