"""The bell: what a person was told in the dashboard, read or not."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from alerts.models import Notification
from alerts.services.delivering.waiting import SKEW
from alerts.services.notifying.tallying import Tally, gravest, merged, total
from alerts.services.notifying.wording import key_of, link_of, values_of, worded
from users.models import User


def join(user_id: int, by_topic: Mapping[str, Tally], now: datetime) -> None:
    """Add to what is unread and fresh of each topic, or begin a new line."""
    _close(user_id, now)
    joining = {one.topic: one for one in Notification.objects.filter(user_id=user_id, joining=True)}
    for topic, tally in by_topic.items():
        one = joining.get(topic) or Notification(user_id=user_id, topic=topic, created_at=now)
        one.tally = merged(one.tally, {topic: tally})
        one.count, one.severity = total(one.tally), gravest(one.tally.values())
        values = values_of(one.tally, one.created_at, now)
        one.title = worded(key_of(one.tally), values, now)[0][:300]
        one.link, one.changed_at = link_of(one.tally), now
        one.save()


def _close(user_id: int, now: datetime) -> None:
    """Nothing joins what was read, what is older than a window, or what a clock since set back wrote."""
    window = timedelta(seconds=settings.NOTIFY_WINDOW_SECONDS)
    old = Q(read_at__isnull=False) | Q(created_at__lt=now - window) | Q(created_at__gt=now + SKEW)
    Notification.objects.filter(old, user_id=user_id, joining=True).update(joining=False)


def mark_read(*, acting_user: User, notification_id: int | None = None) -> int:
    """One, or all that is unread, of this person; returns how many were unread."""
    unread = Notification.objects.filter(user=acting_user, read_at__isnull=True)
    if notification_id is not None:
        unread = unread.filter(pk=notification_id)
    return unread.update(read_at=timezone.now())
