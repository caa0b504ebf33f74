"""Figures about alerts: how many are open and why, the newest, the next, and how others ended."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Trunc
from django.utils import timezone

from alerts.models import Alert, AlertStatus, Severity
from dashboard.selectors.period import Period
from users.models import User


def severities() -> dict[str, int]:
    """Open alerts by severity, critical first, zeros included."""
    rows = (
        Alert.objects.filter(status=AlertStatus.OPEN).order_by().values_list("severity").annotate(Count("id"))
    )
    counts = dict(rows)
    return {severity: counts.get(severity, 0) for severity in reversed(Severity.values)}


@dataclass(frozen=True)
class Flow:
    """Open before + opened - closed = open now, and when they were opened and closed."""

    open_before: int
    opened: Counter
    closed: Counter
    open_now: int
    overdue: int
    opened_before: int  # in the compared period

    @property
    def opened_total(self) -> int:
        return self.opened.total()

    @property
    def closed_total(self) -> int:
        return self.closed.total()


def flow(period: Period) -> Flow:
    """How the number of open alerts came about in the period."""
    opened = _bucketed("opened_at", period)
    closed = _bucketed("resolved_at", period)
    now = Alert.objects.filter(status=AlertStatus.OPEN).aggregate(
        all=Count("id"), overdue=Count("id", filter=Q(due_at__lt=period.end))
    )
    compared = Alert.objects.filter(opened_at__gte=period.compared_start, opened_at__lt=period.compared_end)
    return Flow(
        open_before=now["all"] - opened.total() + closed.total(),
        opened=opened,
        closed=closed,
        open_now=now["all"],
        overdue=now["overdue"],
        opened_before=compared.count(),
    )


def _bucketed(field: str, period: Period) -> Counter:
    rows = (
        Alert.objects.filter(**{f"{field}__gte": period.start, f"{field}__lt": period.end})
        .annotate(bucket=Trunc(field, period.unit, tzinfo=timezone.get_current_timezone()))
        .order_by()
        .values_list("bucket")
        .annotate(Count("id"))
    )
    return Counter(dict(rows))


def latest(limit: int = 6) -> QuerySet[Alert]:
    return Alert.objects.select_related("customer").order_by("-id")[:limit]


def next_best(user: User, after: Alert | None = None) -> Alert | None:
    """The riskiest open alert that is nobody else's, other than `after`."""
    found = Alert.objects.filter(status=AlertStatus.OPEN).filter(Q(assignee__isnull=True) | Q(assignee=user))
    if after:
        found = found.exclude(pk=after.pk)
    return found.order_by("-risk_score", "-id").first()


def endings(alert: Alert, since: datetime) -> dict[str, int]:
    """How closed alerts of the same rule ended, by disposition."""
    found = Alert.objects.filter(
        engine=alert.engine, rule=alert.rule, status=AlertStatus.RESOLVED, resolved_at__gte=since
    ).exclude(pk=alert.pk)
    return dict(found.order_by().values_list("disposition").annotate(Count("id")))


def place(alert: Alert) -> tuple[int, int]:
    """The alert's place in the open queue, and how many stand in it."""
    is_open = Alert.objects.filter(status=AlertStatus.OPEN)
    ahead = Q(risk_score__gt=alert.risk_score) | Q(risk_score=alert.risk_score, pk__gt=alert.pk)
    counted = is_open.aggregate(ahead=Count("id", filter=ahead), all=Count("id"))
    return counted["ahead"] + 1, counted["all"]


def newest_alert_id() -> int:
    return Alert.objects.aggregate(newest=Max("id"))["newest"] or 0


def raised_after(alert_id: int, limit: int = 50) -> list[dict[str, str | int]]:
    """Alerts newer than the given one, oldest first, as live pages need them."""
    found = Alert.objects.filter(pk__gt=alert_id).order_by("id")[:limit]
    return [{"id": a.pk, "severity": a.severity, "reason": a.reason, "subject": a.subject} for a in found]
