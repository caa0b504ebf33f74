"""What the overview shows; every figure is a sum that its list shows again."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from alerts.models import Alert, AlertStatus, Disposition
from dashboard.selectors.period import Period
from dashboard.selectors.precision import Share, share
from fraud_detection.models import Assessment, Decision, RuleHit
from transactions.models import Label

CHART_DAYS = 30
RECENT_DECISIONS = 500
VERDICTS = (Disposition.CONFIRMED_FRAUD, Disposition.FALSE_POSITIVE)


@dataclass(frozen=True)
class RuleRow:
    rule: str
    hits: int
    alerts: int
    precision: Share


def rules_with_most_hits(period: Period, limit: int = 7) -> list[RuleRow]:
    """Rules by hits in the period; precision from alerts closed in the last 7 days."""
    hits = RuleHit.objects.filter(
        rule_version__isnull=False,  # the model's own suspicion is no rule
        assessment__decided_at__gte=period.start,
        assessment__decided_at__lt=period.end,
    )
    counted = hits.order_by().values_list("rule").annotate(n=Count("id"), a=Count("alert", distinct=True))
    rows = list(counted.order_by("-n", "rule")[:limit])
    found = _verdicts([rule for rule, _, _ in rows], period.end - timedelta(days=7))
    return [RuleRow(rule, n, a, share(*found.get(rule, (0, 0)))) for rule, n, a in rows]


def _verdicts(rules: list[str], since: datetime) -> dict[str, tuple[int, int]]:
    """(confirmed, decided) alerts by rule that hit in them."""
    closed = RuleHit.objects.filter(
        rule__in=rules, alert__resolved_at__gte=since, alert__disposition__in=VERDICTS
    )
    rows = (
        closed.order_by()
        .values_list("rule")
        .annotate(
            confirmed=Count("alert", distinct=True, filter=Q(alert__disposition=Disposition.CONFIRMED_FRAUD)),
            decided=Count("alert", distinct=True),
        )
    )
    return {rule: (confirmed, decided) for rule, confirmed, decided in rows}


def closed_precision(now: datetime) -> Share:
    """Confirmed among confirmed and false positive, alerts closed in the last 7 days."""
    closed = Alert.objects.filter(
        status=AlertStatus.RESOLVED, resolved_at__gte=now - timedelta(days=7), disposition__in=VERDICTS
    )
    counts = closed.aggregate(
        confirmed=Count("id", filter=Q(disposition=Disposition.CONFIRMED_FRAUD)), decided=Count("id")
    )
    return share(counts["confirmed"], counts["decided"])


@dataclass(frozen=True)
class DayRow:
    """Amounts in hundredths."""

    day: str
    stopped: int
    missed: int


def by_day(now: datetime) -> list[DayRow]:
    """Amounts by local day of payment, 30 days: stopped (reviewed or declined), and missed.

    Missed is what was approved and is known as fraud today; it grows as labels arrive.
    """
    today = timezone.localdate(now)
    days = [today - timedelta(days=n) for n in reversed(range(CHART_DAYS))]
    first = timezone.make_aware(datetime.combine(days[0], datetime.min.time()))
    shown = Assessment.objects.filter(
        transaction__occurred_at__gte=first,
        transaction__occurred_at__lte=now,
        transaction__superseded_by__isnull=True,
    )
    fraud = Label.objects.order_by().values("transaction").annotate(n=Sum("fraud_delta")).filter(n__gt=0)
    stopped = _daily(shown.exclude(decision=Decision.APPROVE))
    missed = _daily(shown.filter(decision=Decision.APPROVE, transaction__in=fraud.values("transaction")))
    return [DayRow(f"{day:%-d %b}", stopped[day], missed[day]) for day in days]


def _daily(found: QuerySet[Assessment]) -> Counter:
    day = TruncDate("transaction__occurred_at", tzinfo=timezone.get_current_timezone())
    rows = found.order_by().annotate(day=day).values_list("day").annotate(Sum("amount_minor"))
    return Counter({at: int(total) for at, total in rows})


def decision_times() -> dict[str, float] | None:
    """Median and 99th percentile of the newest decisions' total time, microseconds; None before the first."""
    rows = Assessment.objects.order_by("-id").values_list("latency_us", flat=True)[:RECENT_DECISIONS]
    times = sorted(row["total"] for row in rows if row.get("total") is not None)
    if not times:
        return None
    return {
        "p50": times[(len(times) - 1) // 2],
        "p99": times[-(-99 * len(times) // 100) - 1],
        "n": len(times),
    }


def any_decision() -> bool:
    return Assessment.objects.exists()
