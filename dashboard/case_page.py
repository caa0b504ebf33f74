"""Puts together what a case's page shows; nothing about reports for people who may not know of them."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q

from alerts.models import Case, CaseStatus, Disposition
from alerts.selectors.cases import (
    alerts_of,
    case_history,
    case_reports,
    held_elsewhere,
    mentionable,
    open_cases_of,
)
from alerts.services.cases.closing import VERDICTS
from alerts.services.cases.narrating import FIELDS
from alerts.services.cases.working import MOVES
from logs.models import AuditEvent
from users.models import User
from users.roles import Ability

SHOWN_ALERTS = 100
SHOWN_STEPS = 60
STEPS = (CaseStatus.OPEN, CaseStatus.INVESTIGATING, CaseStatus.ESCALATED, CaseStatus.WAITING)
QUESTIONS = {
    "who": "Who is involved",
    "what": "What happened",
    "when": "When it happened",
    "where": "Where it happened",
    "why": "Why it is suspicious",
    "how": "How it was done",
}
WORDS = {
    "case.opened": "Opened",
    "case.assigned": "Assigned",
    "case.moved": "Status changed",
    "case.escalated": "Escalated",
    "case.edited": "Edited",
    "case.alerts_added": "Alerts added",
    "case.commented": "Commented",
    "case.task_added": "Task added",
    "case.task_done": "Task done",
    "case.task_reopened": "Task reopened",
    "case.file_added": "File attached",
    "case.narrative_saved": "Narrative saved",
    "case.merged": "Merged into another case",
    "case.took_over": "Took over a case",
    "case.split": "Split",
    "case.closing_proposed": "Closing proposed",
    "case.sent_back": "Closing sent back",
    "case.closed": "Closed",
    "case.reopened": "Reopened",
    "case.exported": "Evidence pack exported",
}


def case_context(case: Case, user: User, now: datetime) -> dict[str, Any]:
    """The template's context for one of `case_list`."""
    memberships = list(alerts_of(case)[:SHOWN_ALERTS])
    may_know = user.can(Ability.READ_REPORTS)
    open_ones = [row.alert for row in memberships if row.alert.status == "open"]
    return {
        "case": case,
        "memberships": memberships,
        "seen_alerts": ",".join(f"{alert.pk}:{alert.version}" for alert in open_ones)
        if case.alert_count <= SHOWN_ALERTS
        else "",
        "splittable": case.status != CaseStatus.CLOSED
        and case.alert_count > 1
        and user.can(Ability.WORK_ALERTS),
        "steps": _stepper(case),
        "moves": [CaseStatus(status) for status in MOVES[case.status]],
        "verdicts": [Disposition(verdict) for verdict in VERDICTS],
        "limit": settings.CASE_FOUR_EYES_AMOUNT * 100,
        "comments": case.comments.select_related("author").order_by("pk"),
        "tasks": case.tasks.select_related("assignee"),
        "tasks_open": case.tasks.filter(done_at__isnull=True).count(),
        "files": case.files.all(),
        "file_mb": settings.CASE_FILE_MB,
        "narrative": _narrative(case),
        "reports": list(case_reports(case)) if may_know else [],
        "may_know": may_know,
        "history": _steps(list(case_history(case, reports=may_know)[:SHOWN_STEPS])),
        "merged": case.merged.order_by("pk"),
        "others": open_cases_of(case.customer).exclude(pk=case.pk).order_by("-pk")[:20],
        "people": [{"email": person.email, "name": person.name} for person in mentionable()],
        "workers": [person for person in mentionable() if person.can(Ability.WORK_ALERTS)],
        "now": now,
    }


def addable(case: Case) -> list:
    """Open alerts of the case's customer that no open case holds, the newest first."""
    if case.customer is None:
        return []
    found = list(case.customer.alerts.filter(status="open").order_by("-pk")[:SHOWN_ALERTS])
    held = held_elsewhere(found)
    return [alert for alert in found if alert.pk not in held]


def _stepper(case: Case) -> list[tuple[str, bool]]:
    """(word, whether the case stands there now) of every status."""
    steps = [(status.label, case.status == status) for status in STEPS]
    ended = "Merged" if case.merged_into_id else CaseStatus.CLOSED.label
    return [*steps, (ended, case.status == CaseStatus.CLOSED)]


def _narrative(case: Case) -> dict[str, Any]:
    latest = case.narratives.first()
    texts = [(name, QUESTIONS[name], getattr(latest, name) if latest else "") for name in FIELDS]
    return {"latest": latest, "number": latest.number if latest else 0, "texts": texts}


def _steps(events: list[AuditEvent]) -> list[dict[str, Any]]:
    """Every deed in words: people by name, and nothing of what was empty."""
    people = User.objects.filter(
        Q(email__in={event.actor for event in events})
        | Q(pk__in={(event.after or {}).get("assignee") for event in events} - {None})
    )
    names: dict[Any, str] = {}
    for person in people:
        names |= {person.email: str(person), person.pk: str(person)}
    return [_step(event, names) for event in events]


def _step(event: AuditEvent, names: dict[Any, str]) -> dict[str, Any]:
    word = WORDS.get(event.action) or event.action.replace("_", " ").replace(".", " ").capitalize()
    after = {name: value for name, value in (event.after or {}).items() if value not in (None, "", 0, [])}
    if "assignee" in after:
        after["assignee"] = names.get(after["assignee"], after["assignee"])
    return {"at": event.at, "actor": names.get(event.actor, event.actor), "word": word, "after": after}
