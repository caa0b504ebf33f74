"""What streams are called. The name says whose events it holds: who may write to it is that client system."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

PREFIX = "fraudguard:events"  # Valkey; producers need no other key
TOPIC = "fraudguard.events"  # Kafka


@dataclass(frozen=True, order=True)
class Stream:
    """Events of one client system; with an `engine` they are of that engine only.

    >>> Stream("shop").key(3), Stream("shop", "market").topic
    ('fraudguard:events:shop:3', 'fraudguard.events.shop.market')
    """

    client: str
    engine: str = ""

    @property
    def name(self) -> str:
        """As metrics, pages and dead letters call it."""
        return f"{self.client}.{self.engine}" if self.engine else self.client

    @property
    def base(self) -> str:
        return ":".join(filter(None, (PREFIX, self.client, self.engine)))

    @property
    def topic(self) -> str:
        return f"{TOPIC}.{self.name}"

    def key(self, shard: int) -> str:
        return f"{self.base}:{shard}"


def shard_of(key: str, shards: int) -> int:
    """CRC-32 (IEEE) of the key's UTF-8, modulo the shards: every language has it."""
    return zlib.crc32(key.encode("utf-8", "surrogatepass")) % shards


def streams_of(clients: Sequence[str], engine: str = "") -> list[Stream]:
    """The streams that these client systems write to, in a stable order."""
    return [Stream(client, engine) for client in sorted(set(clients))]
