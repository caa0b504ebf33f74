"""Kafka, against the client library's own mock cluster: the same loop behind the same seam."""

import pytest

from fraud_detection.models import StreamDeadLetter, StreamShard
from fraud_detection.services.streaming.consuming import Consumer
from fraud_detection.services.streaming.kafka import KafkaSource
from fraud_detection.services.streaming.names import Stream
from fraud_detection.services.streaming.producing import KafkaProducer
from transactions.models import Transaction

kafka = pytest.importorskip("confluent_kafka", reason="the optional extra kafka is not installed")
pytestmark = pytest.mark.django_db
SHOP = Stream("shop")


@pytest.fixture
def cluster():
    """The address of a mock broker, which lives as long as the producer that made it."""
    owner = kafka.Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1, "log_level": 3})
    broker = next(iter(owner.list_topics(timeout=10).brokers.values()))
    # A consumer makes no topic: one that subscribes before there is any waits for its shards without end.
    KafkaProducer(f"{broker.host}:{broker.port}", {"log_level": "3"}).producer.list_topics(SHOP.topic, 10)
    yield f"{broker.host}:{broker.port}"
    del owner


def member(cluster, name):
    quick = {"session.timeout.ms": "6000", "log_level": "3"}
    return KafkaSource(cluster, [SHOP], group="g", name=name, options=quick)


@pytest.mark.long
def test_topics_are_consumed_committed_and_consumed_on(cluster, approving_engine, payment):
    """The mock takes three seconds to form a group, and a busy machine seconds between two batches."""
    producer = KafkaProducer(cluster, {"log_level": "3"})
    records = [payment(transaction_id=f"K-{n:02d}", sender_id=f"acc-{n % 3}") for n in range(20)]
    producer.send(SHOP, [("payments", record) for record in records])
    producer.producer.produce(SHOP.topic, b"{", key=b"acc-1")
    producer.send(SHOP, [("payments", records[0])])
    first = member(cluster, "one")
    first.consumer.poll(0)
    while not first.consumer.assignment():
        first.keep()
    tally = Consumer(first, name="one", group="g", batch=7).run(idle_seconds=6)
    assert (tally.events, tally.repeated, tally.buried) == (20, 1, 1)
    for sender in range(3):
        found = Transaction.objects.filter(sender_id=f"acc-{sender}").order_by("id")
        names = list(found.values_list("transaction_id", flat=True))
        assert names == [f"K-{n:02d}" for n in range(sender, 20, 3)]
    letter = StreamDeadLetter.objects.get()
    assert (letter.kind, letter.stream, letter.reason) == ("kafka", "shop", "not_readable")
    assert set(StreamShard.objects.values_list("kind", "lag")) == {("kafka", 0)}


@pytest.mark.long
def test_what_was_polled_and_not_committed_is_given_to_the_next_member(cluster, approving_engine, payment):
    producer = KafkaProducer(cluster, {"log_level": "3"})
    lost = member(cluster, "lost")
    while not lost.consumer.assignment():
        lost.poll(1)
    producer.send(SHOP, [("payments", payment(transaction_id=f"L-{n}")) for n in range(6)])
    taken = []
    while len(taken) < 4:
        taken += lost.poll(4)
    lost.close()
    heir = member(cluster, "heir")
    tally = Consumer(heir, name="heir", group="g", batch=50).run(idle_seconds=6)
    assert tally.events == 6
    names = Transaction.objects.order_by("id").values_list("transaction_id", flat=True)
    assert list(names) == [f"L-{n}" for n in range(6)]


@pytest.mark.long
def test_life_signs_lose_no_message(cluster, approving_engine, payment):
    """While a batch waits for the database, polls tell the group that the member lives."""
    producer, source = KafkaProducer(cluster, {"log_level": "3"}), member(cluster, "waiting")
    while not source.consumer.assignment():
        source.poll(1)
    producer.send(SHOP, [("payments", payment(transaction_id=f"W-{n}")) for n in range(10)])
    for _ in range(20):
        source.keep()
    tally = Consumer(source, name="waiting", group="g", batch=50).run(idle_seconds=3)
    assert tally.events == 10
