"""Streams in Valkey: decided once, in the order of each key, whatever comes twice, late or broken."""

import json

import pytest
import redis

from fraud_detection.models import Assessment, LetterState, StreamConsumer, StreamDeadLetter, StreamShard
from fraud_detection.services.streaming.consuming import Consumer
from fraud_detection.services.streaming.names import Stream, shard_of
from fraud_detection.services.streaming.producing import ValkeyProducer
from fraud_detection.services.streaming.source import SourceRefused
from fraud_detection.services.streaming.valkey import ValkeySource
from transactions.models import Transaction

pytestmark = pytest.mark.django_db
SHOP = Stream("shop")
SHARDS = 4


@pytest.fixture
def store(approving_engine, settings):
    """The store that streams stand in, emptied of them."""
    with redis.Redis.from_url(settings.STREAM_URL) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture
def source(store, settings):
    """source("a") is a member of the group; it takes its shards at its next poll."""

    def make(name="a", **changes):
        given = {"group": "g", "name": name, "shards": SHARDS, "lease_seconds": 60} | changes
        return ValkeySource(settings.STREAM_URL, [SHOP], **given)

    return make


@pytest.fixture
def send(store, settings):
    """send(record, ...) writes payments as the shop does."""

    def make(*records, engine="payments"):
        ValkeyProducer(settings.STREAM_URL, SHARDS).send(SHOP, [(engine, record) for record in records])

    return make


def consume(source, **changes):
    return Consumer(source, name=source.name, group="g", batch=100, **changes).run(idle_seconds=0.15)


def raw(store, body, key="acc-1"):
    store.xadd(SHOP.key(shard_of(key, SHARDS)), {"body": body})


def decided():
    return list(Transaction.objects.order_by("id").values_list("transaction_id", flat=True))


def test_events_are_decided_once_in_the_order_of_each_key(source, send, payment):
    records = [payment(transaction_id=f"S-{n}", sender_id=f"acc-{n % 3}") for n in range(30)]
    send(*records)
    send(*records[10:15])  # a producer that tries again
    tally = consume(source())
    assert (tally.events, tally.repeated, tally.buried) == (30, 5, 0)
    assert Assessment.objects.count() == 30
    for sender in range(3):
        of_sender = [name for name in decided() if int(name[2:]) % 3 == sender]
        assert of_sender == [f"S-{n}" for n in range(sender, 30, 3)]


def test_what_is_settled_is_forgotten_and_what_is_not_is_not(source, send, store, payment):
    send(*(payment(sender_id=f"acc-{n}") for n in range(20)))
    consume(source())
    assert sum(store.xlen(SHOP.key(shard)) for shard in range(SHARDS)) <= SHARDS
    assert [store.xpending(SHOP.key(shard), "g")["pending"] for shard in range(SHARDS)] == [0] * SHARDS


def test_a_second_group_keeps_what_it_has_not_read(source, send, store, payment):
    other = source("b", group="archive")
    send(*(payment() for _ in range(5)))
    consume(source())
    assert sum(store.xlen(SHOP.key(shard)) for shard in range(SHARDS)) == 5
    assert len(other.poll(20)) == 5


def test_poison_in_the_middle_fails_alone(source, send, store, payment):
    send(payment(transaction_id="S-1"))
    raw(store, b"\xff\xfe not json")
    raw(store, json.dumps({"event": payment(amount="a lot", transaction_id="S-bad")}))
    send(payment(transaction_id="S-1", amount="26.00"))  # the same id with another body
    send(payment(transaction_id="S-2"))
    tally = consume(source())
    assert (tally.events, tally.buried) == (2, 3)
    assert decided() == ["S-1", "S-2"]
    letters = StreamDeadLetter.objects.order_by("id")
    assert [letter.reason for letter in letters] == ["not_readable", "refused", "conflict"]
    assert [letter.event_id for letter in letters] == ["", "S-bad", "S-1"]
    assert letters[1].detail.startswith("amount: ")
    assert letters[0].text == "\\xff\\xfe not json"
    told = store.xrange("fraudguard:dead:shop")
    assert [fields[b"reason"] for _, fields in told] == [b"not_readable", b"refused", b"conflict"]


@pytest.mark.parametrize(
    ("envelope", "reason"),
    [
        ([], "not a JSON object"),
        ({"event": "x"}, "event: must be an object"),
        ({"event": {}, "engine": "chess"}, "engine: 'chess' is none of"),
        ({"event": {}, "client": "bank"}, "client: the stream is of 'shop'"),
        ({"event": {}, "occured_at": "x"}, "'occured_at' is no name of an envelope"),
        ({"event": {"transaction_id": "A"}, "id": "B"}, "id: differs from transaction_id"),
        ({"event": {"amount": 1}}, "id: is missing"),
        ({"event": {"transaction_id": 5}}, "id: is missing"),
    ],
)
def test_an_envelope_that_says_something_wrong_is_told_what(source, store, envelope, reason):
    raw(store, json.dumps(envelope))
    consume(source())
    letter = StreamDeadLetter.objects.get()
    assert letter.reason == ("not_readable" if envelope == [] else "envelope")
    assert reason in letter.detail
    assert Transaction.objects.count() == 0


@pytest.mark.parametrize(
    "body",
    [b"", b'{"event": {"transaction_id": "a\\u0000b"}}', b'{"event": {"amount": 1e999}}', b"[" * 100_000,
     b'{"event": {"transaction_id": "\\ud800", "amount": 1}}', b'{"event":{"a":' + b"9" * 400 + b"}}",
     b'{"event": {}, "event": {}}', b"x" * 300_000, b'{"event": {"amount": NaN}}'],
)  # fmt: skip
def test_hostile_bodies_become_letters(source, store, send, payment, body):
    raw(store, body)
    send(payment(transaction_id="after"))
    tally = consume(source())
    assert (tally.events, tally.buried, decided()) == (1, 1, ["after"])
    assert StreamDeadLetter.objects.get().state == LetterState.WAITING


def test_card_numbers_and_secrets_do_not_stand_in_letters(source, store):
    body = {"event": {"transaction_id": "S-1", "note": "card 4111 1111 1111 1111", "password": "hunter2"}}
    raw(store, json.dumps(body))
    consume(source())
    letter = StreamDeadLetter.objects.get()
    assert letter.is_redacted
    assert (
        "4111 1111" not in letter.text and "hunter2" not in letter.text and "411111******1111" in letter.text
    )
    ((_, told),) = store.xrange("fraudguard:dead:shop")
    assert b"hunter2" not in told[b"body"]


def test_the_envelope_gives_id_and_time_and_other_engines(source, store, send):
    raw(store, json.dumps({
        "id": "S-9", "occurred_at": "2026-01-05T10:00:00Z", "engine": "payments", "meta": {"trace": 1},
        "event": {"amount": "5.00", "sender_id": "acc-1", "receiver_id": "acc-2"},
    }))  # fmt: skip
    order = {"event": "order", "symbol": "XYZ", "side": "buy", "order_id": "o1", "trader_id": "t1",
             "price": "10.00", "volume": 5, "occurred_at": "2026-01-05T10:00:00Z"}  # fmt: skip
    send(order | {"event_id": "M-1"}, engine="market")
    tally = consume(source())
    assert [letter.detail for letter in StreamDeadLetter.objects.all()] == []
    assert tally.events == 2
    assert Transaction.objects.get().occurred_at.isoformat() == "2026-01-05T10:00:00+00:00"
    assert Assessment.objects.get(engine="market").market_event.event_id == "M-1"


def test_what_a_lost_member_left_comes_first_and_in_order(source, send, store, payment):
    send(*(payment(transaction_id=f"S-{n}") for n in range(6)))
    lost = source("lost")
    assert len(lost.poll(12)) == 3  # taken from one shard of four, never settled
    store.delete(lost.members.lease((SHOP, shard_of("acc-1", SHARDS))))
    store.zrem("fraudguard:consume:g:shop:members", "lost")
    tally = consume(source("heir"))
    assert tally.events == 6
    assert decided() == [f"S-{n}" for n in range(6)]
    assert lost.poll(12) == []  # its lease is gone, and it asks for it in the same step
    lost.close()


def test_a_message_that_ended_many_consumers_is_buried_alone(source, send, store, payment):
    send(*(payment(transaction_id=f"S-{n}") for n in range(3)))
    place = SHOP.key(shard_of("acc-1", SHARDS))
    first = source("first")
    (position, *_) = [message.position for message in first.poll(40)]
    first.close()
    store.xclaim(place, "g", "first", 0, [position], retrycount=6)
    tally = consume(source("next"))
    assert (tally.events, tally.buried) == (2, 1)
    assert StreamDeadLetter.objects.get().reason == "crashed"
    assert decided() == ["S-1", "S-2"]


def test_members_share_the_shards_and_hand_them_over(source, send, payment):
    one, two = source("one"), source("two")
    one.poll(1)
    assert len(one.members.held) == SHARDS
    two.poll(1)
    assert two.members.held == set()  # none is free yet
    for member in (one, two):
        member._next_balance = 0.0
        member.poll(1)
    assert (len(one.members.held), len(two.members.held)) == (2, 2)
    assert not one.members.held & two.members.held
    one.close()
    send(*(payment(sender_id=f"acc-{n}") for n in range(20)))
    two._next_balance = 0.0
    assert consume(two).events == 20


def test_another_number_of_shards_is_refused(source):
    source()
    with pytest.raises(SourceRefused, match=r"has 4 shards, not 5: start with --shards 4"):
        source("b", shards=5)


def test_a_consumer_tells_of_itself(source, send, payment):
    send(*(payment(sender_id=f"acc-{n}") for n in range(8)))
    consume(source("teller"))
    told = StreamConsumer.objects.get(name="teller")
    assert (told.state, told.events, told.kind, told.group) == ("stopped", 8, "valkey", "g")
    shards = StreamShard.objects.filter(consumer="teller")
    assert [(one.stream, one.shard, one.lag) for one in shards] == [("shop", n, 0) for n in range(SHARDS)]
