"""Why work on an alert is refused, in words that say who was first and what to do."""

import re
from collections.abc import Iterable

from django.utils import timezone

from alerts.models import Alert, AlertLook, AlertStatus
from alerts.selectors.history import steps_since
from users.models import User

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class AlertConflict(Exception):
    """The alert changed since the caller looked; the message says who did what, and when."""

    def __init__(self, alert: Alert, *, seen_version: int | None = None, user: User | None = None):
        self.alert = alert
        super().__init__(_what_happened(alert, seen_version, user))


class AlertRefused(Exception):
    """What is asked is not possible as the alert stands; the message says why."""


class DispositionRefused(ValueError):
    """A resolution that cannot be accepted; `field` names what is wrong."""

    def __init__(self, field: str, message: str):
        self.field, self.message = field, message
        super().__init__(message)


class NotSupervisor(Exception):
    """Moving work between queues needs a supervisor of one of them, or an admin."""


def reason_of(text: str, *, field: str = "reason", longest: int = 500) -> str:
    """A reason as it is stored; raises DispositionRefused when it is empty, too long or unstorable."""
    text = text.strip()
    if not text:
        raise DispositionRefused(field, "a reason is required")
    if len(text) > longest or UNSTORABLE.search(text):
        raise DispositionRefused(field, f"at most {longest:,} characters, without NUL and lone surrogates")
    return text


def _what_happened(alert: Alert, seen_version: int | None, user: User | None) -> str:
    if alert.status == AlertStatus.RESOLVED:
        when = timezone.localtime(alert.resolved_at).strftime("%H:%M:%S")
        how = alert.get_disposition_display().lower()
        return f"{alert.resolved_by} closed A-{alert.pk} as {how} at {when}"
    told = [] if seen_version is None else list(_deeds(alert, seen_version))
    told += _hits(alert, user, bool(told))
    return f"A-{alert.pk} changed since you looked: {'; '.join(told)}"


def _deeds(alert: Alert, seen_version: int) -> Iterable[str]:
    for step in steps_since(alert, seen_version)[:3]:
        yield f"{step.who} {step.what} at {timezone.localtime(step.at):%H:%M:%S}"


def _hits(alert: Alert, user: User | None, told: bool) -> list[str]:
    seen = AlertLook.objects.filter(alert=alert, user=user).values_list("hits", flat=True).first()
    if seen is not None and alert.hit_count > seen:
        more = alert.hit_count - seen
        return [f"+{more:,} new hit{'' if more == 1 else 's'}"]
    many = f"{alert.hit_count} hit{'' if alert.hit_count == 1 else 's'}"
    return [] if told else [f"it now has {many}, at version {alert.version}"]
