"""The seam between the loop and a broker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fraud_detection.services.streaming.names import Stream


class SourceAway(Exception):
    """The broker does not answer; what was polled and not committed is given again."""


class SourceRefused(Exception):
    """The broker answers that this cannot be done; the text says what to change."""


@dataclass(frozen=True)
class Message:
    """What a stream holds at one place. `arrived`: milliseconds since 1970, by the broker's clock.

    `deliveries`: consumers that took it and ended without settling it, 0 where the broker does not count.
    """

    stream: Stream
    shard: int
    position: str
    arrived: int
    body: bytes
    deliveries: int = 0


@dataclass(frozen=True)
class Lag:
    """How far the group is in one shard: messages never given out, and given out but not committed."""

    stream: Stream
    shard: int
    consumer: str
    lag: int
    unacknowledged: int = 0


class Source(Protocol):
    """A member of a consumer group. Every method but close raises SourceAway."""

    kind: str

    def poll(self, most: int) -> list[Message]:
        """What comes next, in the order of each shard, waiting for a moment; at most about `most`.

        Everything polled before is to be committed or buried first: nothing else bounds what is in flight.
        """

    def commit(self, messages: Sequence[Message]) -> None:
        """These are settled; they are not given out again."""

    def keep(self) -> None:
        """Still at it: keeps the shards while a batch takes long."""

    def bury(self, message: Message, letter: Mapping[str, Any]) -> None:
        """Write to the dead-letter stream, for others to hear; the database holds what is replayed."""

    def lags(self) -> list[Lag]:
        """Of the shards that this member holds."""

    def close(self) -> None:
        """Leave the group, so that others take over at once."""
