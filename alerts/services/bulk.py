"""The same deed on many alerts with one reason: each is recorded, and refused by itself.

Every chunk is a transaction, so a process or database that dies in between leaves each alert either as it
was or changed with its audit row. Sending the same again finishes the rest: what was done is counted as
`already`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from alerts.models import Alert, AlertStatus
from alerts.services.closing import close_held, needs_case, read_closing
from alerts.services.conflicts import AlertConflict, DispositionRefused, reason_of
from alerts.services.holding import database_now, hold_events
from alerts.services.snoozing import check_snooze, put_to_sleep
from alerts.services.working import check_assignee, give
from users.models import User

MOST = 1_000
CHUNK = 50
Seen = tuple[int, int]  # alert id and the version that was seen
Deed = Callable[[list[Alert]], None]
Done = Callable[[Alert], bool]
Refused = Callable[[list[Alert]], dict[int, str]]


@dataclass
class BulkResult:
    """Ids of what was done and what had been done before, and why each other one was left."""

    done: list[int] = field(default_factory=list)
    already: list[int] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)


def resolve_alerts(
    seen: Sequence[Seen], *, acting_user: User, disposition: str, note: str, reason_code: str = "",
    duplicate_of: int | None = None, request_id: str = "",
) -> BulkResult:  # fmt: skip
    """Close up to 1,000 alerts with one verdict; raises DispositionRefused when that cannot be accepted."""
    closing = read_closing(
        disposition=disposition, note=note, reason_code=reason_code, duplicate_of=duplicate_of
    )

    def close(alerts: list[Alert]) -> None:
        close_held(alerts, closing, acting_user=acting_user, request_id=request_id, at=database_now())

    def closed(alert: Alert) -> bool:
        same = (alert.disposition, alert.note) == (closing.disposition, closing.note)
        return same and alert.resolved_by_id == acting_user.pk

    result = BulkResult()
    if duplicate_of is not None:
        result.refused = [(pk, "an alert does not repeat itself") for pk, _ in seen if pk == duplicate_of]
        seen = [pair for pair in seen if pair[0] != duplicate_of]

    def refused(alerts: list[Alert]) -> dict[int, str]:
        return needs_case(alerts, closing)

    return _carry_out(seen, close, closed, acting_user, result, events=True, refused=refused)


def assign_alerts(
    seen: Sequence[Seen], *, acting_user: User, assignee: User | None, reason: str = "", request_id: str = ""
) -> BulkResult:
    """Give up to 1,000 alerts to somebody, or to nobody."""
    check_assignee(assignee)
    reason = reason_of(reason) if reason.strip() else ""

    def assign(alerts: list[Alert]) -> None:
        for alert in alerts:
            give(alert, assignee, acting_user=acting_user, request_id=request_id, reason=reason)

    def assigned(alert: Alert) -> bool:
        return alert.status == AlertStatus.OPEN and alert.assignee_id == (assignee.pk if assignee else None)

    return _carry_out(seen, assign, assigned, acting_user, BulkResult())


def snooze_alerts(
    seen: Sequence[Seen], *, acting_user: User, until: datetime, reason: str, request_id: str = ""
) -> BulkResult:
    """Snooze up to 1,000 alerts until one time."""
    reason = check_snooze(until, reason)

    def snooze(alerts: list[Alert]) -> None:
        for alert in alerts:
            put_to_sleep(alert, until, reason, acting_user=acting_user, request_id=request_id)

    def snoozed(alert: Alert) -> bool:
        return (alert.snoozed_until, alert.snoozed_by_id) == (until, acting_user.pk)

    return _carry_out(seen, snooze, snoozed, acting_user, BulkResult())


def _carry_out(
    seen: Sequence[Seen], deed: Deed, done: Done, user: User, result: BulkResult, *, events: bool = False,
    refused: Refused = lambda alerts: {},
) -> BulkResult:  # fmt: skip
    if not 1 <= len(seen) + len(result.refused) <= MOST:
        raise DispositionRefused("alerts", f"send 1 to {MOST:,} alerts")
    ordered = sorted(dict(seen).items())  # by id, as everybody takes them
    for start in range(0, len(ordered), CHUNK):
        with transaction.atomic():
            part = _chunk(dict(ordered[start : start + CHUNK]), deed, done, user, events, refused)
        result.done += part.done
        result.already += part.already
        result.refused += part.refused
    return result


def _chunk(
    seen: dict[int, int], deed: Deed, done: Done, user: User, events: bool, refused: Refused
) -> BulkResult:
    if events:
        hold_events(list(seen))
    held = Alert.objects.select_for_update().filter(pk__in=seen).order_by("pk")
    alerts = {alert.pk: alert for alert in held}
    part = BulkResult(refused=[(pk, "there is no such alert") for pk in seen if pk not in alerts])
    fit = []
    for alert in alerts.values():
        if alert.version == seen[alert.pk] and alert.status == AlertStatus.OPEN:
            fit.append(alert)
        elif done(alert):
            part.already.append(alert.pk)
        else:
            why = AlertConflict(alert, seen_version=seen[alert.pk], user=user)
            part.refused.append((alert.pk, str(why)))
    barred = refused(fit)
    part.refused += list(barred.items())
    fit = [alert for alert in fit if alert.pk not in barred]
    if fit:
        deed(fit)
        part.done = [alert.pk for alert in fit]
    return part
