"""What a person should look at next."""

from django.db.models import Q
from django.utils import timezone

from alerts.models import Alert, AlertStatus
from alerts.selectors.queues import awake, workable
from users.models import User


def next_alert(user: User | None, after: Alert | None = None) -> Alert | None:
    """The most urgent open alert that is free or the person's, other than `after`; keys have no queues."""
    free = Q(assignee__isnull=True)
    condition = free if user is None else (free & workable(user)) | Q(assignee=user)
    found = Alert.objects.filter(awake(timezone.now()), condition, status=AlertStatus.OPEN)
    if after:
        found = found.exclude(pk=after.pk)
    return found.order_by("-priority_key", "-id").first()
