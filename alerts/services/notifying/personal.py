"""What one person wants to be told, when and how; notices that people send; replays of dead ones."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction

from alerts.models import (
    DeliveryState,
    Digest,
    NotificationDelivery,
    NotificationPreference,
    OutboxMessage,
    Severity,
    Topic,
)
from alerts.services.delivering.waiting import database_now
from alerts.services.webhooks.replaying import ReplayRefused
from logs.services import record
from users.models import User

FIELDS = (
    *("muted_topics", "email", "own_channels", "digest", "digest_hour", "quiet_from", "quiet_until"),
    *("critical_breaks_quiet", "time_zone"),
)


class PreferenceRefused(ValueError):
    """A wish that cannot be; `field` names which."""

    def __init__(self, field: str, message: str):
        self.field, self.message = field, message
        super().__init__(message)


def preference_of(user: User) -> NotificationPreference:
    """What the person chose, or the defaults, not stored then."""
    return NotificationPreference.objects.filter(user=user).first() or NotificationPreference(user=user)


@transaction.atomic
def set_preferences(values: Mapping[str, Any], *, acting_user: User) -> NotificationPreference:
    """Change some of FIELDS for oneself; raises PreferenceRefused."""
    preference, _ = NotificationPreference.objects.select_for_update().get_or_create(user=acting_user)
    for name in set(values) & set(FIELDS):
        setattr(preference, name, values[name])
    wrong = [topic for topic in preference.muted_topics if topic not in Topic.values]
    if wrong:
        raise PreferenceRefused("muted_topics", f"{wrong[0][:40]!r} is none of {', '.join(Topic.values)}")
    if preference.digest not in Digest.values:
        raise PreferenceRefused("digest", f"must be one of {', '.join(Digest.values)}")
    if not 0 <= preference.digest_hour <= 23:
        raise PreferenceRefused("digest_hour", "must be an hour from 0 to 23")
    if (preference.quiet_from is None) != (preference.quiet_until is None):
        raise PreferenceRefused("quiet_until", "give both ends of the quiet hours, or neither")
    if preference.time_zone and preference.time_zone not in available_timezones():
        raise PreferenceRefused("time_zone", "is no time zone; write for example Europe/Lisbon")
    preference.muted_topics = sorted(set(preference.muted_topics))
    preference.save()
    return preference


@transaction.atomic
def send_notice(
    topic: str, *, title: str, message: str, severity: str, actor: str, actor_kind: str, request_id: str = ""
) -> OutboxMessage:
    """Queue a notice (notice.fraud, notice.system) for whom the rules of its topic name."""
    if topic not in (Topic.NOTICE_FRAUD, Topic.NOTICE_SYSTEM):
        raise ValueError(f"{topic} is no notice")
    payload = {"title": title, "message": message, "severity": Severity(severity).value, "by": actor}
    queued = OutboxMessage.objects.create(topic=topic, payload=payload)
    record(
        "notification.sent",
        actor_kind=actor_kind,
        actor=actor,
        subject_kind="notice",
        subject=str(queued.pk),
        after={"topic": topic, "title": title, "severity": severity},
        request_id=request_id,
    )
    return queued


@transaction.atomic
def replay_notification(delivery_id: int, *, acting_user: User, request_id: str = "") -> NotificationDelivery:
    """Send a given-up message again, as it was worded; raises ReplayRefused."""
    row = NotificationDelivery.objects.select_for_update().get(pk=delivery_id)
    if row.state != DeliveryState.DEAD:
        raise ReplayRefused("only what was given up can be sent again")
    _again([row.pk], acting_user, request_id)
    row.refresh_from_db()
    return row


@transaction.atomic
def replay_dead_notifications(*, acting_user: User, request_id: str = "") -> int:
    """Send everything given up again; returns how many."""
    dead = NotificationDelivery.objects.select_for_update().filter(state=DeliveryState.DEAD)
    ids = list(dead.values_list("pk", flat=True))
    return _again(ids, acting_user, request_id) if ids else 0


def _again(ids: list[int], user: User, request_id: str) -> int:
    now = database_now()
    record(
        "notification.replayed",
        actor_kind="user",
        actor=user.email,
        subject_kind="notification_delivery",
        subject=str(ids[0]) if len(ids) == 1 else "all dead",
        after={"deliveries": len(ids)},
        request_id=request_id,
    )
    return NotificationDelivery.objects.filter(pk__in=ids).update(
        state=DeliveryState.PENDING,
        rounds=0,
        scheduled_at=now,
        next_attempt_at=now,
        dead_reason="",
        replayed_by=user.email,
    )
