"""Which member of a group holds which shards: fair shares by leases, handed over between batches."""

import zlib
from collections.abc import Iterable

import redis

from fraud_detection.services.streaming.names import Stream
from fraud_detection.services.streaming.valkey import scripts

PREFIX = "fraudguard:consume"
Shard = tuple[Stream, int]


class Members:
    """The leases of one member. A lease runs out by itself when its member is gone.

    >>> members.balance()   # now and then; between batches, when nothing is in flight
    >>> members.held        # {(Stream("shop"), 0), ...}
    """

    def __init__(
        self, store: redis.Redis, *, group: str, name: str, lease_ms: int, shards: dict[Stream, int]
    ):
        self.store, self.group, self.name, self.lease_ms, self.shards = store, group, name, lease_ms, shards
        self.held: set[Shard] = set()
        self._renew = store.register_script(scripts.RENEW)
        self._release = store.register_script(scripts.RELEASE)

    def balance(self) -> set[Shard]:
        """Give up what is more than a fair share, take what is free; returns the newly taken."""
        taken: set[Shard] = set()
        for stream, count in self.shards.items():
            share = _share(self._alive(stream), self.name, count, stream)
            mine = sorted(shard for shard in self.held if shard[0] == stream)
            self.release(mine[share:])
            taken |= self._take(stream, count, share - len(mine))
        return taken

    def lease(self, shard: Shard) -> str:
        stream, number = shard
        return f"{self._place(stream)}:{number}"

    def renew(self) -> None:
        """Prolong every lease; one that another member has taken meanwhile is ours no more."""
        for shard in list(self.held):
            if not self._renew(keys=[self.lease(shard)], args=[self.name, self.lease_ms]):
                self.held.discard(shard)

    def release(self, shards: Iterable[Shard]) -> None:
        for shard in list(shards):
            self._release(keys=[self.lease(shard)], args=[self.name])
            self.held.discard(shard)

    def leave(self) -> None:
        self.release(self.held)
        for stream in self.shards:
            self.store.zrem(f"{self._place(stream)}:members", self.name)

    def _take(self, stream: Stream, count: int, wanted: int) -> set[Shard]:
        taken: set[Shard] = set()
        for number in range(count):
            if len(taken) >= wanted:
                break
            shard = (stream, number)
            if shard not in self.held and self.store.set(
                self.lease(shard), self.name, nx=True, px=self.lease_ms
            ):
                taken.add(shard)
        self.held |= taken
        return taken

    def _alive(self, stream: Stream) -> list[str]:
        """Members heard of within a lease, by the server's clock; this one is heard of now."""
        seconds, micros = self.store.time()
        now, key = seconds * 1000 + micros // 1000, f"{self._place(stream)}:members"
        self.store.zadd(key, {self.name: now})
        self.store.zremrangebyscore(key, "-inf", now - self.lease_ms)
        return sorted(name.decode() for name in self.store.zrange(key, 0, -1))

    def _place(self, stream: Stream) -> str:
        return f"{PREFIX}:{self.group}:{stream.name}"


def _share(alive: list[str], name: str, count: int, stream: Stream) -> int:
    """Shards that are this member's; what does not divide goes to other members for other streams."""
    if name not in alive:
        return 0
    place = (alive.index(name) + zlib.crc32(stream.name.encode())) % len(alive)
    return count // len(alive) + (place < count % len(alive))
