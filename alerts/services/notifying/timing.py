"""When somebody is told: quiet hours, digests and time zones of people, pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from alerts.models import Digest, NotificationPreference


def zone_of(preference: NotificationPreference | None) -> ZoneInfo:
    name = (preference and preference.time_zone) or settings.TIME_ZONE
    return ZoneInfo(name)


def due_for(preference: NotificationPreference | None, ready: datetime, *, critical: bool) -> datetime:
    """When a message that could go at `ready` goes: at the digest's hour, and not in quiet hours."""
    if preference is None:
        return ready
    due = next_digest(preference, ready)
    if critical and preference.critical_breaks_quiet:
        return due if preference.digest == Digest.IMMEDIATELY else min(due, ready)
    return after_quiet(preference, due)


def next_digest(preference: NotificationPreference, ready: datetime) -> datetime:
    if preference.digest == Digest.HOURLY:
        return ready.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if preference.digest == Digest.DAILY:
        return _next_at(time(preference.digest_hour), ready, zone_of(preference))
    return ready


def after_quiet(preference: NotificationPreference, due: datetime) -> datetime:
    """`due`, or the end of the quiet hours that it falls into; they may span midnight."""
    start, end = preference.quiet_from, preference.quiet_until
    if start is None or start == end:
        return due
    local = due.astimezone(zone_of(preference)).time()
    quiet = start <= local < end if start < end else local >= start or local < end
    return _next_at(end, due, zone_of(preference)) if quiet else due


def _next_at(at: time, after: datetime, zone: ZoneInfo) -> datetime:
    """The next moment when clocks in the zone show this time; days of 23 or 25 hours included."""
    local = after.astimezone(zone)
    candidate = datetime.combine(local.date(), at, zone)
    if candidate <= after:
        candidate = datetime.combine(local.date() + timedelta(days=1), at, zone)
    return candidate.astimezone(after.tzinfo)
