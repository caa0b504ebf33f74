"""What happened to an alert, told from the audit trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from alerts.models import Alert, Disposition, Queue
from logs.models import AuditEvent
from logs.selectors import history_of as deeds_of
from users.models import User


@dataclass(frozen=True)
class Step:
    """One deed: who, what in words, when; `detail` holds the reason or note that was given."""

    at: datetime
    who: str
    what: str
    detail: str
    action: str


class _Names:
    """People and queues that the deeds name, read once."""

    def __init__(self, deeds: Iterable[AuditEvent]):
        after = [deed.after or {} for deed in deeds]
        people = User.objects.filter(email__in={deed.actor for deed in deeds})
        given = User.objects.filter(pk__in={values.get("assignee") for values in after} - {None})
        self.by_email = {user.email: str(user) for user in people}
        self.by_id = {user.pk: str(user) for user in given}
        ids = {values.get("queue") for values in after} - {None}
        self.queues = dict(Queue.objects.filter(pk__in=ids).values_list("pk", "name"))


def history_of(alert: Alert, limit: int = 100) -> list[Step]:
    """The newest steps of an alert, newest first; its raising is not among them."""
    return _steps(list(deeds_of("alert", str(alert.pk), limit)))


def steps_since(alert: Alert, version: int) -> list[Step]:
    """What people and jobs did to it after the version that somebody saw, newest first."""
    deeds = list(deeds_of("alert", str(alert.pk), 20))
    return _steps([deed for deed in deeds if ((deed.after or {}).get("version") or 0) > version])


def _steps(deeds: list[AuditEvent]) -> list[Step]:
    names = _Names(deeds)
    return [
        Step(
            deed.at,
            names.by_email.get(deed.actor, deed.actor),
            _what(deed, names),
            str((deed.after or {}).get("note") or (deed.after or {}).get("reason") or ""),
            deed.action,
        )
        for deed in deeds
    ]


def _what(deed: AuditEvent, names: _Names) -> str:
    values = deed.after or {}
    teller = TELLERS.get(deed.action)
    return teller(values, names) if teller else deed.action.removeprefix("alert.").replace("_", " ")


def _assigned(values: dict[str, Any], names: _Names) -> str:
    person = values.get("assignee")
    return "gave it back" if person is None else f"assigned it to {names.by_id.get(person, 'somebody')}"


def _snoozed(values: dict[str, Any], names: _Names) -> str:
    until = parse_datetime(str(values.get("until", "")))
    return f"snoozed it until {timezone.localtime(until):%-d %b %H:%M}" if until else "snoozed it"


def _closed(values: dict[str, Any], names: _Names) -> str:
    verdict = values.get("disposition", "")
    label = Disposition(verdict).label.lower() if verdict in Disposition.values else verdict
    other = values.get("duplicate_of")
    return f"closed it as {label}" + (f" of A-{other}" if other else "")


def _moved(values: dict[str, Any], names: _Names) -> str:
    return f"moved it to {names.queues.get(values.get('queue'), 'another queue')}"


def _woken(values: dict[str, Any], names: _Names) -> str:
    return {"time": "woke it: its time was up", "hits": "woke it: it became graver or hit again"}.get(
        values.get("why", ""), "woke it"
    )


TELLERS = {
    "alert.assigned": _assigned,
    "alert.snoozed": _snoozed,
    "alert.woken": _woken,
    "alert.resolved": _closed,
    "alert.moved": _moved,
    "alert.escalated": lambda values, names: f"escalated it, overdue: {_moved(values, names)}",
    "alert.undone": lambda values, names: "took the verdict back",
    "alert.reopened": lambda values, names: "opened it again",
}
