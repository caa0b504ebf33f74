"""What a consumer tells of itself every few seconds, and what pages and metrics read of it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from fraud_detection.models import ConsumerState, StreamConsumer, StreamShard
from fraud_detection.services.streaming.source import Lag, Source, SourceAway

EVERY = 2.0
FORGOTTEN = timedelta(days=2)  # consumers that were not heard of for so long are not listed any more
log = structlog.get_logger(__name__)


@dataclass
class Tally:
    """What became of the messages of one consumer."""

    events: int = 0
    repeated: int = 0
    buried: int = 0

    def told(self) -> str:
        """One line for people."""
        return (
            f"{self.events:,} events decided, {self.repeated:,} were decided before,"
            f" {self.buried:,} could not be"
        )


class Reporter:
    """Writes the rows of one consumer; never stops it when that fails."""

    def __init__(self, source: Source, *, name: str, group: str, tally: Tally):
        self.source, self.name, self.group, self.tally = source, name, group, tally
        self._next, self._since, self._before = 0.0, time.monotonic(), 0

    def report(self, state: ConsumerState = ConsumerState.RUNNING, waits_for: str = "") -> None:
        """Tell, unless that was done a moment ago."""
        if time.monotonic() >= self._next:
            self.report_now(state, waits_for)

    def report_now(self, state: ConsumerState, waits_for: str = "") -> None:
        now = time.monotonic()
        self._next = now + EVERY
        rate = (self.tally.events - self._before) / max(now - self._since, 0.001)
        self._since, self._before = now, self.tally.events
        try:
            self._write(state, waits_for, rate)
            self._measure()
        except (DatabaseError, InterfaceError, SourceAway) as error:
            log.warning("consumer_not_reported", consumer=self.name, error=str(error))

    def _write(self, state: ConsumerState, waits_for: str, rate: float) -> None:
        values = {
            "kind": self.source.kind,
            "group": self.group,
            "state": state,
            "waits_for": waits_for[:200],
            "events": self.tally.events,
            "repeated": self.tally.repeated,
            "buried": self.tally.buried,
            "per_second": rate,
            "seen_at": timezone.now(),
        }
        StreamConsumer.objects.update_or_create(name=self.name, defaults=values)

    def _measure(self) -> None:
        store_lags(self.source.kind, self.group, self.source.lags())


def store_lags(kind: str, group: str, lags: Sequence[Lag]) -> None:
    """Keep how far the group is in these shards."""
    now = timezone.now()
    StreamShard.objects.bulk_create(
        [
            StreamShard(
                kind=kind,
                group=group,
                stream=lag.stream.name,
                shard=lag.shard,
                consumer=lag.consumer,
                lag=lag.lag,
                unacknowledged=lag.unacknowledged,
                measured_at=now,
            )
            for lag in lags
        ],
        update_conflicts=True,
        unique_fields=("kind", "group", "stream", "shard"),
        update_fields=("consumer", "lag", "unacknowledged", "measured_at"),
    )


def forget_consumers() -> None:
    """Rows of consumers that ended long ago, and of shards that are none any more."""
    before = timezone.now() - FORGOTTEN
    StreamConsumer.objects.filter(seen_at__lt=before).delete()
    StreamShard.objects.filter(measured_at__lt=before).delete()
