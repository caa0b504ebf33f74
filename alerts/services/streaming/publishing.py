"""Writing to a Valkey stream or a Kafka topic; everything has arrived when a call returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import redis
from django.conf import settings

PATIENCE = 20.0


class StreamAway(Exception):
    """Not everything was taken: what was sent may have arrived, and is sent again."""


@dataclass(frozen=True)
class Told:
    """One message: which stream, whose order counts, what it says."""

    stream: str
    key: str
    body: bytes


class Publisher(Protocol):
    def publish(self, messages: Sequence[Told]) -> None:
        """Write in this order; raises StreamAway."""


class ValkeyPublisher:
    def __init__(self, url: str):
        self.store = redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2)

    def publish(self, messages: Sequence[Told]) -> None:
        pipe = self.store.pipeline(transaction=False)
        for one in messages:
            fields = {"key": one.key, "body": one.body}
            pipe.xadd(one.stream, fields, maxlen=settings.STREAM_OUT_LENGTH, approximate=True)
        try:
            pipe.execute()
        except redis.RedisError as error:
            raise StreamAway(f"{type(error).__name__}: {error}") from error


class KafkaPublisher:
    """Idempotent and acknowledged by all replicas, so that the broker keeps the order of a key."""

    def __init__(self, servers: str, options: Mapping[str, str]):
        try:
            import confluent_kafka
        except ImportError:
            raise StreamAway(
                "Kafka needs the package confluent-kafka: pip install 'fraudguard[kafka]'"
            ) from None
        given = {"enable.idempotence": True, "linger.ms": 5, "message.timeout.ms": int(PATIENCE * 1000)}
        self.kafka = confluent_kafka
        self.producer = confluent_kafka.Producer({"bootstrap.servers": servers, **given, **options})

    def publish(self, messages: Sequence[Told]) -> None:
        failed: list[str] = []

        def told(error: Any, message: Any) -> None:
            if error is not None:
                failed.append(str(error))

        try:
            for one in messages:
                key = one.key.encode("utf-8", "surrogatepass")
                self.producer.produce(one.stream, one.body, key=key, on_delivery=told)
                self.producer.poll(0)
            left = self.producer.flush(PATIENCE)
        except (BufferError, self.kafka.KafkaException) as error:
            raise StreamAway(str(error)) from error
        if left or failed:
            raise StreamAway(failed[0] if failed else f"{left} messages were not acknowledged")


@lru_cache(maxsize=1)
def publisher() -> Publisher:
    """The publisher of this process that STREAM_OUT names."""
    if settings.STREAM_OUT == "kafka":
        return KafkaPublisher(settings.KAFKA_SERVERS, settings.KAFKA_OPTIONS)
    return ValkeyPublisher(settings.STREAM_URL)
