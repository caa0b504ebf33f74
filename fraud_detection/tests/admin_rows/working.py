"""Who works alerts: a queue's member, a workload, an absence, and what somebody looked at."""

from datetime import timedelta

from django.utils import timezone

from alerts.models import Absence, Alert, AlertLook, Queue, QueueMember, Workload


def make(user) -> None:
    queue = Queue.objects.first() or Queue.objects.create(name="all", is_default=True)
    QueueMember.objects.create(queue=queue, user=user)
    Workload.objects.create(user=user)
    now = timezone.now()
    Absence.objects.create(user=user, starts_at=now, ends_at=now + timedelta(days=1))
    AlertLook.objects.create(user=user, alert=Alert.objects.first(), hits=1, at=now)
