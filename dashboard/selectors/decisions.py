"""Decisions counted: by level, by bucket of time, by second. Money in hundredths."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import Count, FloatField, Sum
from django.db.models.functions import Extract, Floor, Trunc
from django.utils import timezone

from dashboard.selectors.period import Period
from fraud_detection.models import Assessment, Decision, RiskLevel

STOPPED = (Decision.REVIEW, Decision.DECLINE)
RATE_STEP = timedelta(seconds=20)
RATE_STEPS = 45


@dataclass
class Tally:
    """Counts and amounts of one stretch of time."""

    events: Counter = field(default_factory=Counter)  # by bucket
    stopped: Counter = field(default_factory=Counter)  # by bucket: reviewed or declined
    amounts: Counter = field(default_factory=Counter)  # by bucket: amount of the stopped
    cells: Counter = field(default_factory=Counter)  # by (level, decision)

    @property
    def total(self) -> int:
        return self.events.total()

    @property
    def stopped_total(self) -> int:
        return self.stopped.total()

    @property
    def stopped_amount(self) -> int:
        return self.amounts.total()


def tally(start: datetime, end: datetime, unit: str) -> Tally:
    """Decisions made in [start, end), bucketed by `unit` (hour or day) of local time."""
    zone = timezone.get_current_timezone()
    rows = (
        Assessment.objects.filter(decided_at__gte=start, decided_at__lt=end)
        .annotate(bucket=Trunc("decided_at", unit, tzinfo=zone))
        .order_by()
        .values_list("bucket", "decision", "risk_level")
        .annotate(Count("id"), Sum("amount_minor"))
    )
    found = Tally()
    for bucket, decision, level, count, amount in rows:
        found.events[bucket] += count
        found.cells[level, decision] += count
        if decision in STOPPED:
            found.stopped[bucket] += count
            found.amounts[bucket] += int(amount)
    return found


def degraded(period: Period) -> int:
    """Decisions of the period that were made without a part of the engine."""
    return Assessment.objects.filter(
        degraded=True, decided_at__gte=period.start, decided_at__lt=period.end
    ).count()


@dataclass(frozen=True)
class LevelRow:
    """One line of the table; `outcomes` are (decision, count) of the level."""

    level: str
    outcomes: list[tuple[str, int]]
    count: int
    share: float
    change: float | None


def by_level(now: Tally, before: Tally) -> list[LevelRow]:
    """Critical first; `change` is nothing where there is nothing to compare with."""
    return [_level_row(level, now, before) for level in reversed(RiskLevel.values)]


def _level_row(level: str, now: Tally, before: Tally) -> LevelRow:
    outcomes = [(d, now.cells[level, d]) for d in reversed(Decision.values) if now.cells[level, d]]
    count = sum(n for _, n in outcomes)
    earlier = sum(before.cells[level, d] for d in Decision.values)
    return LevelRow(level, outcomes, count, count / now.total if now.total else 0.0, change(count, earlier))


def change(now: float, before: float) -> float | None:
    """Relative change; nothing when there was nothing before."""
    return now / before - 1 if before else None


def running(counter: Counter, buckets: Iterable[datetime]) -> list[int]:
    """Sums up to each bucket, for a line that ends at the total."""
    total, line = 0, []
    for bucket in buckets:
        total += counter[bucket]
        line.append(total)
    return line


def rate(now: datetime) -> dict[str, list]:
    """Events a second over the last 15 minutes in steps of 20 s, with how many were stopped in each step."""
    step = RATE_STEP.total_seconds()
    last = int(now.timestamp() // step)
    number = Floor(Extract("decided_at", "epoch", tzinfo=UTC, output_field=FloatField()) / step)
    rows = Assessment.objects.filter(decided_at__gt=now - RATE_STEP * RATE_STEPS, decided_at__lte=now)
    grouped = rows.order_by().annotate(step=number).values_list("step", "decision").annotate(Count("id"))
    counts = Counter({(int(at), decision): n for at, decision, n in grouped})
    steps = range(last - RATE_STEPS + 1, last + 1)
    return {
        "starts": [int(s * step) for s in steps],
        "events": [sum(counts[s, d] for d in Decision.values) for s in steps],
        "review": [counts[s, Decision.REVIEW] for s in steps],
        "decline": [counts[s, Decision.DECLINE] for s in steps],
    }


def period_tallies(period: Period) -> tuple[Tally, Tally]:
    """The period's decisions and those it is compared with."""
    return (
        tally(period.start, period.end, period.unit),
        tally(period.compared_start, period.compared_end, period.unit),
    )
