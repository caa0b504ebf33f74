"""A member of a group that consumes Kafka topics; the broker hands out partitions and keeps positions."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import structlog

from fraud_detection.services.streaming.names import Stream
from fraud_detection.services.streaming.source import Lag, Message, SourceAway, SourceRefused

WAIT = 0.2  # seconds a poll waits for the first message
ANSWER = 5.0  # seconds for what the broker must answer
DEAD = "fraudguard.dead"
PREFETCHED = {"queued.min.messages": 2_000, "queued.max.messages.kbytes": 16_384}
log = structlog.get_logger(__name__)


def library() -> Any:
    """The optional client; raises SourceRefused with what to install."""
    try:
        import confluent_kafka
    except ImportError:
        raise SourceRefused(
            "Kafka needs the package confluent-kafka: pip install 'fraudguard[kafka]'"
        ) from None
    return confluent_kafka


class KafkaSource:
    """See Source. Positions are committed after the decisions, synchronously, so a rebalance between two
    polls finds nothing half done; where a partition went elsewhere meanwhile, its messages are decided again.
    """

    kind = "kafka"

    def __init__(
        self,
        servers: str,
        streams: Sequence[Stream],
        *,
        group: str,
        name: str,
        options: Mapping[str, str] = {},
    ):
        self.kafka, self.name = library(), name
        common = {"bootstrap.servers": servers, "client.id": name, **options}
        self.streams = {stream.topic: stream for stream in streams}
        self.options = common
        self._producer: Any = None
        self._paused = False
        self._come: list[Any] = []  # what came while only life signs were sent
        self.consumer = self.kafka.Consumer(
            {
                **PREFETCHED,
                **common,
                "group.id": group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "partition.assignment.strategy": "cooperative-sticky",
                "allow.auto.create.topics": False,
            }
        )
        self.consumer.subscribe(sorted(self.streams))

    def poll(self, most: int) -> list[Message]:
        with self._reaching():
            self._go_on()
            come, self._come = self._come, []
            come += self.consumer.consume(most, WAIT)
            return [self._message(one) for one in come if self._is_message(one)]

    def commit(self, messages: Sequence[Message]) -> None:
        ends: dict[tuple[str, int], int] = {}
        for message in messages:
            place = (message.stream.topic, message.shard)
            ends[place] = max(ends.get(place, 0), int(message.position) + 1)
        ours = {(place.topic, place.partition) for place in self.consumer.assignment()}
        offsets = [self.kafka.TopicPartition(*place, end) for place, end in ends.items() if place in ours]
        if not offsets:
            return
        try:
            done = self.consumer.commit(offsets=offsets, asynchronous=False)
            refused = [one for one in done if one.error is not None]
        except self.kafka.KafkaException as error:
            if error.args[0].code() in self._away_codes:
                raise SourceAway(str(error)) from error
            refused = [error]
        if refused:  # the partition is another member's by now, who is given the messages again
            log.warning("positions_not_committed", member=self.name, error=str(refused[0]))

    def keep(self) -> None:
        """Polls without taking anything, which is what tells the group that this member lives."""
        with self._reaching():
            if not self._paused:
                self.consumer.pause(self.consumer.assignment())
                self._paused = True
            one = self.consumer.poll(0)
        if one is not None and self._is_message(one):  # of a partition that was handed to us just now
            self._come.append(one)
            self._paused = False

    def bury(self, message: Message, letter: Mapping[str, Any]) -> None:
        if self._producer is None:
            self._producer = self.kafka.Producer(self.options)
        told = {name: value for name, value in letter.items() if name != "body"}
        headers = {name: str(value).encode("utf-8", "surrogatepass") for name, value in told.items()}
        with self._reaching():
            self._producer.produce(f"{DEAD}.{message.stream.name}", letter["body"], headers=headers)
            self._producer.flush(ANSWER)

    def lags(self) -> list[Lag]:
        with self._reaching():
            assigned = self.consumer.assignment()
            if not assigned:
                return []
            return [self._lag(place) for place in self.consumer.committed(assigned, timeout=ANSWER)]

    def close(self) -> None:
        self.consumer.close()

    def _lag(self, place: Any) -> Lag:
        low, high = self.consumer.get_watermark_offsets(place, timeout=ANSWER)
        behind = high - max(place.offset, low) if place.offset >= 0 else high - low
        return Lag(self.streams[place.topic], place.partition, self.name, max(behind, 0))

    def _go_on(self) -> None:
        if self._paused:
            self.consumer.resume(self.consumer.assignment())
            self._paused = False

    def _is_message(self, one: Any) -> bool:
        error = one.error()
        if error is None:
            return True
        if error.code() == self.kafka.KafkaError.UNKNOWN_TOPIC_OR_PART:
            log.error(
                "topic_missing", topic=one.topic(), remedy="create it; topics are not made by consumers"
            )
        elif error.fatal():
            raise self.kafka.KafkaException(error)
        return False

    def _message(self, one: Any) -> Message:
        arrived = max(one.timestamp()[1], 0)
        place = (self.streams[one.topic()], one.partition(), str(one.offset()))
        return Message(*place, arrived, one.value() or b"")

    @property
    def _away_codes(self) -> tuple[int, ...]:
        names = ("_TRANSPORT", "_ALL_BROKERS_DOWN", "_TIMED_OUT", "REQUEST_TIMED_OUT", "_WAIT_COORD")
        return tuple(getattr(self.kafka.KafkaError, name) for name in names)

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except (self.kafka.KafkaException, BufferError) as error:
            raise SourceAway(str(error)) from error
