"""Taking the next best alert: two people who ask at once never get the same one."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from alerts.models import Alert, AlertStatus
from alerts.selectors.queues import awake, workable
from alerts.services.working import give
from users.models import User


@transaction.atomic
def take_next_alert(
    *, acting_user: User, after: int | None = None, queue_id: int | None = None, request_id: str = ""
) -> Alert | None:
    """Assign the most urgent alert that is free, or already the person's, other than `after`.

    Alerts that somebody else is changing at this moment are passed over. None when nothing is left.
    """
    free = Q(assignee__isnull=True) & (workable(acting_user) if queue_id is None else Q(queue=queue_id))
    found = Alert.objects.filter(
        awake(timezone.now()), Q(assignee=acting_user) | free, status=AlertStatus.OPEN
    )
    if after is not None:
        found = found.exclude(pk=after)
    if queue_id is not None:
        found = found.filter(queue=queue_id)
    alert = found.order_by("-priority_key", "-id").select_for_update(skip_locked=True, of=("self",)).first()
    if alert is not None and alert.assignee_id is None:
        give(alert, acting_user, acting_user=acting_user, request_id=request_id, reason="next best")
    return alert
