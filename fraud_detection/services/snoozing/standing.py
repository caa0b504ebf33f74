"""The snoozes of an engine as decisions ask for them: in memory, refreshed with what is served."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from django.db import connection
from django.db.models import Q

from fraud_detection.models import RuleSnooze

MARK = """
    select max(id), max(ended_at), count(*) filter (where ended_at is null and until > %s)
    from fraud_detection_rulesnooze where engine = %s
"""


class Hitting(Protocol):
    """What is read of a hit."""

    rule: str
    subject_kind: str
    subject: str
    cannot_be_overridden: bool
    metadata: dict[str, Any]


AnyHit = TypeVar("AnyHit", bound=Hitting)


class Standing(NamedTuple):
    id: int
    until: datetime


class Snoozes:
    """What stands, by rule and subject."""

    def __init__(self, rows: Iterable[RuleSnooze] = ()) -> None:
        self._standing = {
            (row.rule, row.subject_kind, row.subject): Standing(row.pk, row.until) for row in rows
        }

    def split(self, hits: list[AnyHit], at: datetime) -> tuple[list[AnyHit], list[AnyHit]]:
        """The hits that count at this moment and those that are snoozed, which are marked as such."""
        if not self._standing:
            return hits, []
        counting, snoozed = [], []
        for hit in hits:
            found = self._standing.get((hit.rule, hit.subject_kind, hit.subject))
            if found is None or found.until <= at or hit.cannot_be_overridden:
                counting.append(hit)
            else:
                hit.metadata["snoozed"] = {"id": found.id, "until": found.until.isoformat()}
                snoozed.append(hit)
        return counting, snoozed


NO_SNOOZES = Snoozes()


def standing_snoozes(engine: str, at: datetime) -> Snoozes:
    """The snoozes of an engine as they stood at a moment."""
    kept = Q(ended_at__isnull=True) | Q(ended_at__gt=at)
    return Snoozes(RuleSnooze.objects.filter(kept, engine=engine, created_at__lte=at, until__gt=at))


def snoozes_recorded(hits: Iterable[Any]) -> Snoozes:
    """The snoozes that a decision's stored hits name: exact, also in the seconds in which one takes hold."""
    ids = [hit.metadata["snoozed"]["id"] for hit in hits if hit.snoozed]
    return Snoozes(RuleSnooze.objects.filter(pk__in=ids)) if ids else NO_SNOOZES


def snoozes_mark(engine: str, now: datetime) -> tuple[Any, ...]:
    """Changes whenever a snooze of the engine does."""
    with connection.cursor() as cursor:
        cursor.execute(MARK, (now, engine))
        return cursor.fetchone()
