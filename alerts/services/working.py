"""What analysts do to one alert: assign, resolve with a verdict, refused when their view is stale."""

from django.db import transaction

from alerts.models import Alert
from alerts.services.closing import close_held, needs_case, read_closing
from alerts.services.conflicts import AlertConflict, AlertRefused, DispositionRefused
from alerts.services.holding import audit, database_now, hold_events, hold_open, save
from users.models import User
from users.roles import Ability

__all__ = ["AlertConflict", "DispositionRefused", "assign_alert", "check_assignee", "resolve_alert"]


def resolve_alert(
    *, alert_id: int, acting_user: User, disposition: str, note: str, seen_version: int,
    reason_code: str = "", duplicate_of: int | None = None, request_id: str = "",
) -> Alert:  # fmt: skip
    """Close an alert with a verdict and its reason; the verdict becomes a label of its events.

    Raises AlertConflict when it changed since `seen_version`, DispositionRefused for bad input, AlertRefused
    for confirmed fraud that its case leaves to two people.
    """
    closing = read_closing(
        disposition=disposition, note=note, reason_code=reason_code, duplicate_of=duplicate_of
    )
    if duplicate_of == alert_id:
        raise DispositionRefused("duplicate_of", "an alert does not repeat itself")
    with transaction.atomic():
        hold_events([alert_id])
        alert = hold_open(alert_id, seen_version, acting_user)
        for why in needs_case([alert], closing).values():
            raise AlertRefused(why)
        close_held([alert], closing, acting_user=acting_user, request_id=request_id, at=database_now())
    return alert


def assign_alert(
    *, alert_id: int, acting_user: User, assignee: User | None, seen_version: int, request_id: str = ""
) -> Alert:
    """Give an alert to someone, or to nobody; raises AlertConflict when it changed meanwhile."""
    check_assignee(assignee)
    with transaction.atomic():
        alert = hold_open(alert_id, seen_version, acting_user)
        give(alert, assignee, acting_user=acting_user, request_id=request_id)
    return alert


def check_assignee(assignee: User | None) -> None:
    """Raises DispositionRefused for somebody whose role does not work alerts."""
    if assignee is not None and not assignee.can(Ability.WORK_ALERTS):
        raise DispositionRefused("assignee", f"{assignee} may not work alerts")


def give(
    alert: Alert, assignee: User | None, *, acting_user: User, request_id: str, reason: str = ""
) -> None:
    """Assign an alert that the caller holds."""
    before = {"assignee": alert.assignee_id}
    alert.assignee = assignee
    save(alert, "assignee")
    after = {"assignee": alert.assignee_id} | ({"reason": reason} if reason else {})
    audit("alert.assigned", alert, acting_user, request_id, before, after)
