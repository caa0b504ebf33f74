"""Reading alerts for queues and pages."""

from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from alerts.models import Alert, AlertLook, AlertStatus
from alerts.selectors.queues import awake
from users.models import User

BY_PRIORITY = ("priority_key", "id")  # descending


def alert_list() -> QuerySet[Alert]:
    """Every alert with the people it names, newest first."""
    return Alert.objects.select_related("customer", "assignee", "resolved_by", "queue").order_by("-id")


def queue(now: datetime | None = None) -> QuerySet[Alert]:
    """Open alerts that are not snoozed, most urgent first (`alerts.models.priority`)."""
    found = alert_list().filter(awake(now or timezone.now()), status=AlertStatus.OPEN)
    return found.order_by("-priority_key", "-id")


def seen_by(alerts: QuerySet[Alert], user: User) -> QuerySet[Alert]:
    """The same with `new_hits` since the person last looked; None for who has not looked yet."""
    looks = AlertLook.objects.filter(alert=OuterRef("pk"), user=user)
    return alerts.annotate(new_hits=F("hit_count") - Subquery(looks.values("hits")[:1]))
