"""Who is given work automatically, how much of it, and when they are away."""

from datetime import datetime

from django.db import transaction

from alerts.models import Absence, Workload
from alerts.services.conflicts import UNSTORABLE, DispositionRefused
from alerts.services.working import check_assignee
from logs.services import record
from users.models import User

MOST_OPEN = 10_000


@transaction.atomic
def set_workload(
    *, user: User, automatic: bool, cap: int, acting_user: User, request_id: str = ""
) -> Workload:
    """Switch automatic assignment for a person, with the open alerts they hold at most."""
    check_assignee(user)
    if not 1 <= cap <= MOST_OPEN:
        raise DispositionRefused("cap", f"must be 1 to {MOST_OPEN:,} open alerts")
    known = Workload.objects.select_for_update().filter(user=user).first()
    before = {"automatic": known.automatic, "cap": known.cap} if known else None
    values = {"automatic": automatic, "cap": cap}
    workload, _ = Workload.objects.update_or_create(user=user, defaults=values)
    _audit("workload.changed", user, acting_user, request_id, before, values)
    return workload


@transaction.atomic
def add_absence(
    *, user: User, starts_at: datetime, ends_at: datetime, note: str, acting_user: User, request_id: str = ""
) -> Absence:
    """Nothing is given to the person in between; what they hold stays theirs."""
    check_assignee(user)
    if ends_at <= starts_at:
        raise DispositionRefused("ends_at", "must lie after the start")
    if len(note) > 200 or UNSTORABLE.search(note):
        raise DispositionRefused("note", "at most 200 characters, without NUL and lone surrogates")
    absence = Absence.objects.create(user=user, starts_at=starts_at, ends_at=ends_at, note=note)
    after = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(), "note": note}
    _audit("absence.made", user, acting_user, request_id, None, after)
    return absence


def _audit(
    action: str, user: User, acting_user: User, request_id: str, before: dict | None, after: dict
) -> None:
    record(
        action,
        actor_kind="user",
        actor=acting_user.email,
        subject_kind="user",
        subject=str(user.pk),
        before=before,
        after=after,
        request_id=request_id,
    )
