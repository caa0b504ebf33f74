"""Everyday edits of a case: whose it is, how it stands, title and due time."""

from datetime import datetime

from django.db import transaction

from alerts.models import Case, CaseStatus
from alerts.services.cases.errors import CaseConflict, CaseRefused
from alerts.services.cases.holding import changed, check_worker, clean_text, held_case
from users.models import User

MOVES: dict[str, tuple[str, ...]] = {
    CaseStatus.OPEN: (CaseStatus.INVESTIGATING, CaseStatus.ESCALATED, CaseStatus.WAITING),
    CaseStatus.INVESTIGATING: (CaseStatus.ESCALATED, CaseStatus.WAITING),
    CaseStatus.ESCALATED: (CaseStatus.INVESTIGATING, CaseStatus.WAITING),
    CaseStatus.WAITING: (CaseStatus.INVESTIGATING, CaseStatus.ESCALATED),
    CaseStatus.CLOSED: (),
}
NEEDS_REASON = (CaseStatus.ESCALATED, CaseStatus.WAITING)


def assign_case(
    *, case_id: int, acting_user: User, assignee: User | None, seen_version: int, request_id: str = ""
) -> Case:
    """Give a case to somebody, or to nobody. Raises CaseConflict, CaseRefused."""
    check_worker("assignee", assignee)
    with transaction.atomic():
        case = held_case(case_id, seen_version)
        before = {"assignee": case.assignee_id}
        case.assignee = assignee
        return changed(
            case,
            ("assignee",),
            actor=acting_user.email,
            said=f"assigned it to {assignee}" if assignee else "took it from its assignee",
            action="case.assigned",
            before=before,
            after={"assignee": case.assignee_id},
            request_id=request_id,
        )


def move_case(
    *,
    case_id: int,
    acting_user: User,
    status: str,
    seen_version: int,
    reason: str = "",
    request_id: str = "",
) -> Case:
    """Give a case another status; escalating and waiting need a reason. Closing has a service of its own.

    Raises CaseConflict when it changed or its closing waits for a second person, CaseRefused for a move
    that is not legal.
    """
    if status not in CaseStatus.values:
        raise CaseRefused("status", f"must be one of {', '.join(CaseStatus.values)}")
    reason = clean_text("reason", reason, 4000, required=status in NEEDS_REASON)
    with transaction.atomic():
        case = held_case(case_id, seen_version)
        if case.awaits_second:
            raise CaseConflict(f"{case}: the closing that {case.proposed_by} proposed is still to be decided")
        if status not in MOVES[case.status]:
            legal = ", ".join(MOVES[case.status])
            raise CaseRefused("status", f"from {case.status} a case goes to {legal}, not to {status}")
        before = {"status": case.status}
        case.status = status
        return changed(
            case,
            ("status",),
            actor=acting_user.email,
            said=f"set it to {status}",
            action="case.escalated" if status == CaseStatus.ESCALATED else "case.moved",
            before=before,
            after={"status": status} | ({"reason": reason} if reason else {}),
            request_id=request_id,
        )


def edit_case(
    *,
    case_id: int,
    acting_user: User,
    seen_version: int,
    title: str | None = None,
    due_at: datetime | None = None,
    request_id: str = "",
) -> Case:
    """Change title or due time; what is None stays."""
    with transaction.atomic():
        case = held_case(case_id, seen_version)
        given = {} if title is None else {"title": clean_text("title", title, 200)}
        given |= {} if due_at is None else {"due_at": due_at}
        before = {name: _shown(getattr(case, name)) for name in given}
        for name, value in given.items():
            setattr(case, name, value)
        return changed(
            case,
            list(given),
            actor=acting_user.email,
            said=f"changed {' and '.join('due time' if n == 'due_at' else n for n in given) or 'nothing'}",
            action="case.edited",
            before=before,
            after={name: _shown(value) for name, value in given.items()},
            request_id=request_id,
        )


def _shown(value: str | datetime) -> str:
    return value.isoformat() if isinstance(value, datetime) else value
