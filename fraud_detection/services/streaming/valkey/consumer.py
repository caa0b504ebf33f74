"""A member of a group that consumes sharded Valkey streams."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import redis
import structlog

from fraud_detection.services.streaming.names import Stream
from fraud_detection.services.streaming.source import Lag, Message, SourceAway
from fraud_detection.services.streaming.valkey import scripts
from fraud_detection.services.streaming.valkey.members import Members, Shard
from fraud_detection.services.streaming.valkey.places import lag_of, make_group, settled_shards, trim

BODY = b"body"
IDLE = 0.05  # seconds between looks at streams that hold nothing new
SUSPICIOUS = 3  # deliveries to consumers that ended; such a message is decided alone
DEAD, DEAD_LENGTH = "fraudguard:dead", 10_000
TRIM_EVERY = 5.0
log = structlog.get_logger(__name__)


class ValkeySource:
    """See Source. What a member that is gone left unsettled comes first, in its order, then what is new."""

    kind = "valkey"

    def __init__(
        self,
        url: str,
        streams: Sequence[Stream],
        *,
        group: str,
        name: str,
        shards: int,
        lease_seconds: float,
    ):
        self.group, self.name = group, name
        self.store = redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2)
        self._read = self.store.register_script(scripts.READ)
        self._claim = self.store.register_script(scripts.CLAIM)
        lease_ms = round(lease_seconds * 1000)
        with _reaching():
            counts = {stream: settled_shards(self.store, stream, shards) for stream in streams}
            for stream, count in counts.items():
                for number in range(count):
                    make_group(self.store, stream.key(number), group)
        self.members = Members(self.store, group=group, name=name, lease_ms=lease_ms, shards=counts)
        self._left: set[Shard] = set()  # may hold what somebody took and did not settle
        self._next_balance = self._next_trim = 0.0

    def poll(self, most: int) -> list[Message]:
        with self._away_leaves_doubt():
            self._balance()
            held = sorted(self.members.held)
            if not held:
                time.sleep(IDLE)
                return []
            each = max(1, -(-most // len(held)))
            found = [message for shard in held for message in self._next(shard, each)]
        if not found:
            time.sleep(IDLE)
        return found

    def commit(self, messages: Sequence[Message]) -> None:
        by_shard: dict[Shard, list[str]] = {}
        for message in messages:
            by_shard.setdefault((message.stream, message.shard), []).append(message.position)
        with self._away_leaves_doubt():
            pipe = self.store.pipeline(transaction=False)
            for (stream, shard), positions in by_shard.items():
                pipe.xack(stream.key(shard), self.group, *positions)
            pipe.execute()
            self._trim(by_shard)

    def keep(self) -> None:
        with self._away_leaves_doubt():
            self.members.renew()

    def bury(self, message: Message, letter: Mapping[str, Any]) -> None:
        with _reaching():
            fields = {
                name: value if isinstance(value, bytes) else str(value) for name, value in letter.items()
            }
            self.store.xadd(f"{DEAD}:{message.stream.name}", fields, maxlen=DEAD_LENGTH, approximate=True)

    def lags(self) -> list[Lag]:
        with _reaching():
            return [
                Lag(stream, number, self.name, *lag_of(self.store, stream.key(number), self.group))
                for stream, number in sorted(self.members.held)
            ]

    def close(self) -> None:
        try:
            self.members.leave()
        except redis.RedisError as error:  # the leases run out by themselves
            log.warning("stream_not_left", member=self.name, error=str(error))
        self.store.close()

    def _next(self, shard: Shard, most: int) -> list[Message]:
        if shard in self._left:
            found = self._reclaimed(shard, most)
            if found:
                return found
        return self._fresh(shard, most) if shard in self.members.held else []

    def _fresh(self, shard: Shard, most: int) -> list[Message]:
        given = self._asked(self._read, shard, most)
        return [] if given is None else [_message(shard, entry) for entry in given[0]]

    def _reclaimed(self, shard: Shard, most: int) -> list[Message]:
        """What was given out before. Nothing of it left: the shard goes on with what is new."""
        while (given := self._asked(self._claim, shard, most, SUSPICIOUS)) is not None:
            entries, times, waiting = given
            if not waiting:
                self._left.discard(shard)
                break
            deliveries = dict(times)
            found = [_message(shard, entry, deliveries[entry[0]]) for entry in entries]
            if found:
                return found
        return []

    def _asked(self, script: Any, shard: Shard, *arguments: Any) -> list[Any] | None:
        """What a script gives after its first word; None, and the shard is let go, without the lease."""
        stream, number = shard
        keys = [self.members.lease(shard), stream.key(number)]
        most, *others = arguments
        try:
            held, *given = script(
                keys=keys, args=[self.name, self.members.lease_ms, self.group, most, *others]
            )
        except redis.ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            log.error("stream_group_lost", stream=stream.key(number), group=self.group)
            make_group(self.store, stream.key(number), self.group)
            return [[], [], 0]
        if held:
            return given
        self.members.held.discard(shard)
        self._next_balance = 0.0  # it may be free: a slow batch outlasted the lease
        return None

    def _balance(self) -> None:
        if (now := time.monotonic()) >= self._next_balance:
            self._left |= self.members.balance()
            self._next_balance = now + self.members.lease_ms / 3000

    def _trim(self, shards: Mapping[Shard, Any]) -> None:
        if (now := time.monotonic()) >= self._next_trim:
            for stream, number in shards:
                trim(self.store, stream.key(number))
            self._next_trim = now + TRIM_EVERY

    @contextmanager
    def _away_leaves_doubt(self) -> Iterator[None]:
        """After a failure nobody knows what the server did: look again for what is unsettled."""
        try:
            with _reaching():
                yield
        except SourceAway:
            self._left |= self.members.held
            self._next_balance = 0.0
            raise


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise SourceAway(f"{type(error).__name__}: {error}") from error


def _message(shard: Shard, entry: list, deliveries: int = 0) -> Message:
    position, fields = entry
    found = dict(zip(fields[::2], fields[1::2], strict=True))
    stream, number = shard
    arrived = int(position.partition(b"-")[0])
    return Message(stream, number, position.decode(), arrived, found.get(BODY, b""), deliveries)
