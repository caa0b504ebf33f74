"""Writing events to streams as client systems do; what docs/STREAMS.md tells producers, as code."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import redis
from django.conf import settings

from fraud_detection.services.streaming.envelope import id_field, key_of
from fraud_detection.services.streaming.kafka import library
from fraud_detection.services.streaming.names import Stream, shard_of
from fraud_detection.services.streaming.valkey.places import settled_shards

WAIT = 0.1
PATIENCE = 30.0


class StreamFull(Exception):
    """Consumers are so far behind that nothing more is taken in."""


class Producer(Protocol):
    def send(self, stream: Stream, events: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Write (engine, event) in their order; all have arrived when this returns."""

    def close(self) -> None: ...


def envelope(engine: str, event: Mapping[str, Any], key: str) -> bytes:
    """A message as consumers read it."""
    content = {"engine": engine, "id": event.get(id_field(engine)), "key": key, "event": event}
    return json.dumps(content, separators=(",", ":"), default=str).encode()


class ValkeyProducer:
    """To the shard of each event's key. Raises StreamFull when a shard stays full for PATIENCE seconds."""

    def __init__(self, url: str, shards: int, most_waiting: int = 0):
        self.store = redis.Redis.from_url(url, socket_timeout=5)
        self.shards = shards
        self.most = most_waiting or settings.STREAM_MOST_WAITING
        self._known: set[Stream] = set()

    def send(self, stream: Stream, events: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        if stream not in self._known:
            settled_shards(self.store, stream, self.shards)
            self._known.add(stream)
        pipe, used = self.store.pipeline(transaction=False), set()
        for engine, event in events:
            key = key_of(engine, event)
            place = stream.key(shard_of(key, self.shards))
            pipe.xadd(place, {"body": envelope(engine, event, key)})
            used.add(place)
        self._wait_for_room(used)
        pipe.execute()

    def close(self) -> None:
        self.store.close()

    def _wait_for_room(self, places: set[str]) -> None:
        end = time.monotonic() + PATIENCE
        while full := [place for place in places if self.store.xlen(place) >= self.most]:
            if time.monotonic() > end:
                raise StreamFull(f"{full[0]} holds {self.most:,} messages that nobody has consumed")
            time.sleep(WAIT)


class KafkaProducer:
    """To the client system's topic; the broker acknowledges from all replicas, and no retry overtakes."""

    def __init__(self, servers: str, options: Mapping[str, str] = {}):
        given = {"bootstrap.servers": servers, "enable.idempotence": True, "linger.ms": 5, **options}
        self.producer = library().Producer(given)
        self.failed: list[str] = []

    def send(self, stream: Stream, events: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        for engine, event in events:
            key = key_of(engine, event)
            self._produce(stream.topic, envelope(engine, event, key), key.encode("utf-8", "surrogatepass"))
        left = self.producer.flush(PATIENCE)
        if left or self.failed:
            raise StreamFull(self.failed[0] if self.failed else f"{left:,} messages were not taken")

    def close(self) -> None:
        self.producer.flush(PATIENCE)

    def _produce(self, topic: str, value: bytes, key: bytes) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.producer.produce(topic, value, key=key, on_delivery=self._told)
                return
            except BufferError:
                if time.monotonic() > end:
                    raise StreamFull("the producer's queue stays full") from None
                self.producer.poll(WAIT)

    def _told(self, error: Any, message: Any) -> None:
        if error is not None:
            self.failed.append(str(error))


def open_producer(kind: str) -> Producer:
    """A producer for the source that settings name."""
    if kind == "kafka":
        return KafkaProducer(settings.KAFKA_SERVERS, settings.KAFKA_OPTIONS)
    return ValkeyProducer(settings.STREAM_URL, settings.STREAM_SHARDS)
