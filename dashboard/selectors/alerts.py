"""Figures about alerts: how many are open and why, the newest, the next, and how others ended."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Trunc
from django.utils import timezone

from alerts.models import Alert, AlertStatus, Severity
from alerts.selectors.queues import awake
from alerts.selectors.work import next_alert
from dashboard.selectors.period import Period
from users.models import User


@dataclass(frozen=True)
class Flow:
    """Open before + opened - closed = open now, and when they were opened and closed."""

    open_before: int
    opened: Counter
    closed: Counter
    open_now: int
    overdue: int
    critical: int
    opened_before: int  # in the compared period

    @property
    def opened_total(self) -> int:
        return self.opened.total()

    @property
    def closed_total(self) -> int:
        return self.closed.total()


def flow(period: Period) -> Flow:
    """How the number of open alerts came about in the period."""
    opened = _bucketed(_opened(period.start, period.end), "opened_at", period)
    closed = Alert.objects.filter(
        status=AlertStatus.RESOLVED, resolved_at__gte=period.start, resolved_at__lt=period.end
    )
    closed = _bucketed(closed, "resolved_at", period)
    now = Alert.objects.filter(status=AlertStatus.OPEN).aggregate(
        all=Count("id"),
        overdue=Count("id", filter=Q(due_at__lt=period.end)),
        critical=Count("id", filter=Q(severity=Severity.CRITICAL)),
    )
    return Flow(
        open_before=now["all"] - opened.total() + closed.total(),
        opened=opened,
        closed=closed,
        open_now=now["all"],
        overdue=now["overdue"],
        critical=now["critical"],
        opened_before=_opened(period.compared_start, period.compared_end).count(),
    )


def _opened(start: datetime, end: datetime) -> QuerySet[Alert]:
    """Alerts opened in between. None is hit last before it was opened: that is what an index bounds."""
    found = Alert.objects.filter(status__in=AlertStatus.values, last_hit_at__gte=start)
    return found.filter(opened_at__gte=start, opened_at__lt=end)


def _bucketed(found: QuerySet[Alert], field: str, period: Period) -> Counter:
    rows = (
        found.annotate(bucket=Trunc(field, period.unit, tzinfo=timezone.get_current_timezone()))
        .order_by()
        .values_list("bucket")
        .annotate(Count("id"))
    )
    return Counter(dict(rows))


def latest(limit: int = 6) -> QuerySet[Alert]:
    return Alert.objects.select_related("customer").order_by("-id")[:limit]


def next_best(user: User, after: Alert | None = None) -> Alert | None:
    """The most urgent open alert of one's queues that is nobody else's, other than `after`."""
    return next_alert(user, after)


def endings(alert: Alert, since: datetime) -> dict[str, int]:
    """How closed alerts of the same rule ended, by disposition."""
    found = Alert.objects.filter(
        engine=alert.engine, rule=alert.rule, status=AlertStatus.RESOLVED, resolved_at__gte=since
    ).exclude(pk=alert.pk)
    return dict(found.order_by().values_list("disposition").annotate(Count("id")))


def place(alert: Alert) -> tuple[int, int]:
    """The alert's place in the open queue, and how many stand in it."""
    is_open = Alert.objects.filter(awake(timezone.now()), status=AlertStatus.OPEN)
    ahead = Q(priority_key__gt=alert.priority_key) | Q(priority_key=alert.priority_key, pk__gt=alert.pk)
    counted = is_open.aggregate(ahead=Count("id", filter=ahead), all=Count("id"))
    return counted["ahead"] + 1, counted["all"]


def newest_alert_id() -> int:
    return Alert.objects.aggregate(newest=Max("id"))["newest"] or 0


def raised_after(alert_id: int, limit: int = 50) -> list[dict[str, str | int]]:
    """Alerts newer than the given one, oldest first, as live pages need them."""
    found = Alert.objects.filter(pk__gt=alert_id).order_by("id")[:limit]
    return [{"id": a.pk, "severity": a.severity, "reason": a.reason, "subject": a.subject} for a in found]
