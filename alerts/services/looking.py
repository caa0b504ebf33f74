"""Remembering how many hits an alert had when somebody looked at it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from alerts.models import Alert, AlertLook
from users.models import User

UPSERT = """
    insert into alerts_alertlook as seen (user_id, alert_id, hits, at) values (%s, %s, %s, %s)
    on conflict (alert_id, user_id) do update set
        hits = greatest(seen.hits, excluded.hits), at = greatest(seen.at, excluded.at)
"""


@dataclass(frozen=True)
class Since:
    """What is new to somebody: hits since they looked, and when that was."""

    hits: int
    at: datetime


def look_at(alert: Alert, user: User, *, at: datetime) -> Since | None:
    """Note that the person sees the alert as it is; what had come since they last did, if they ever did."""
    seen = AlertLook.objects.filter(alert=alert, user=user).first()
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, (user.pk, alert.pk, alert.hit_count, at))
    return Since(max(alert.hit_count - seen.hits, 0), seen.at) if seen else None
