"""What pages, the API and metrics show of streams."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from fraud_detection.models import (
    ConsumerState,
    LetterState,
    StreamConsumer,
    StreamDeadLetter,
    StreamShard,
)

SILENT = timedelta(seconds=15)  # a consumer that says nothing for so long is taken for dead
MOST_CONSUMERS, MOST_SHARDS, MOST_COUNTED = 50, 500, 10_000


@dataclass
class StreamSum:
    """All shards of one stream and group together."""

    stream: str
    kind: str
    group: str
    shards: int = 0
    lag: int = 0
    unacknowledged: int = 0
    furthest: int = 0  # lag of the shard that is furthest behind
    consumers: set[str] = field(default_factory=set)
    stale: int = 0


@dataclass(frozen=True)
class Overview:
    """Everything about streams at one moment; `lag` is None where no shard was ever measured."""

    consumers: list[StreamConsumer]
    shards: list[StreamShard]
    lag: int | None
    unacknowledged: int
    per_second: float
    letters_waiting: int

    @property
    def alive(self) -> list[StreamConsumer]:
        return [one for one in self.consumers if one.alive]

    @property
    def streams(self) -> list[StreamSum]:
        """The shards by stream, in their order."""
        found: dict[tuple[str, str, str], StreamSum] = {}
        for shard in self.shards:
            key = (shard.stream, shard.get_kind_display(), shard.group)
            one = found.setdefault(key, StreamSum(*key))
            one.shards += 1
            one.lag += shard.lag
            one.unacknowledged += shard.unacknowledged
            one.furthest = max(one.furthest, shard.lag)
            one.consumers.add(shard.consumer)
            one.stale += shard.stale
        return list(found.values())


def overview() -> Overview:
    """Consumers, newest report first, and shards; each consumer gets `alive` and each shard `stale`."""
    now = timezone.now()
    consumers = list(StreamConsumer.objects.all()[:MOST_CONSUMERS])
    for one in consumers:
        one.alive = one.state != ConsumerState.STOPPED and now - one.seen_at < SILENT
    shards = list(StreamShard.objects.all()[:MOST_SHARDS])
    for shard in shards:
        shard.stale = now - shard.measured_at >= SILENT
    return Overview(
        consumers=consumers,
        shards=shards,
        lag=sum(shard.lag for shard in shards) if shards else None,
        unacknowledged=sum(shard.unacknowledged for shard in shards),
        per_second=sum(one.per_second for one in consumers if one.alive),
        letters_waiting=letters(LetterState.WAITING)[:MOST_COUNTED].count(),
    )


def letters(state: str = "") -> QuerySet[StreamDeadLetter]:
    """Dead letters, newest first, of one state or of all."""
    found = StreamDeadLetter.objects.order_by("-id")
    return found.filter(state=state) if state in LetterState.values else found
