"""Holding a case for an edit, and writing the edit down: row, audit trail and outbox in one transaction.

Locks are taken in this order everywhere: customer, cases by id, events, alerts.
"""

import re
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from alerts.models import Case, CaseStatus, OutboxMessage
from alerts.services.cases.errors import CaseConflict, CaseRefused, what_happened, where_merged
from logs.services import record
from logs.services.personal import about_row
from users.models import User
from users.roles import Ability

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MOST_MERGES = 50  # in one chain
Made = TypeVar("Made")


class _Moved(Exception):
    """The case was merged while we waited for it."""


def held_case(case_id: int, seen_version: int) -> Case:
    """An open case, locked; raises CaseConflict when it changed since `seen_version` or is closed."""
    case = Case.objects.select_for_update(of=("self",)).select_related("customer").get(pk=case_id)
    if case.merged_into_id:
        raise CaseConflict(where_merged(case))
    if case.version != seen_version or case.status == CaseStatus.CLOSED:
        raise CaseConflict(what_happened(case))
    return case


def on_live_case(case_id: int, work: Callable[[Case], Made]) -> Made:
    """Do something on a case, or on the one that it was merged into; what is posted then is never lost.

    A case that was merged while we waited is let go before its target is taken, so that nobody waits in a
    circle. Raises CaseConflict when the case is closed.
    """
    for _ in range(MOST_MERGES):
        try:
            with transaction.atomic():
                case = Case.objects.select_for_update().get(pk=case_id)
                if case.merged_into_id:
                    case_id = case.merged_into_id
                    raise _Moved
                if case.status == CaseStatus.CLOSED:
                    raise CaseConflict(f"{case.changed_by} closed {case}; reopen it first")
                return work(case)
        except _Moved:
            continue
    raise CaseConflict(f"K-{case_id} was merged too many times to follow")


def changed(
    case: Case,
    fields: Collection[str],
    *,
    actor: str,
    said: str,
    action: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    request_id: str = "",
    actor_kind: str = "user",
    topic: str = "case.updated",
) -> Case:
    """Store an edit with the next version; `said` completes "Ana ... at 14:03"."""
    case.version += 1
    case.change, case.changed_by, case.changed_at = said[:200], actor[:150], timezone.now()
    case.save(update_fields=[*fields, "version", "change", "changed_by", "changed_at"])
    noted(case, actor, action, before=before, after=after, request_id=request_id, actor_kind=actor_kind)
    tell(topic, case, action, actor)
    return case


def noted(
    case: Case,
    actor: str,
    action: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    request_id: str = "",
    actor_kind: str = "user",
) -> None:
    """A step in the history of a case that is no edit of its row, say a comment."""
    record(
        action,
        actor_kind=actor_kind,
        actor=actor,
        subject_kind="case",
        subject=str(case.pk),
        before=before,
        after=after,
        request_id=request_id,
        about=case.customer_id or about_row("case", case.pk),
    )


def message(topic: str, case: Case, action: str, actor: str) -> OutboxMessage:
    payload = {
        "case_id": case.pk,
        "number": str(case),
        "title": case.title,
        "customer_id": case.customer_id,
        "status": case.status,
        "severity": case.severity,
        "assignee_id": case.assignee_id,
        "disposition": case.verdict,
        "merged_into": case.merged_into_id,
        "what": action,
        "by": actor,
        "at": case.changed_at.isoformat(),
    }
    return OutboxMessage(topic=topic, payload=payload)


def tell(topic: str, case: Case, action: str, actor: str) -> None:
    message(topic, case, action, actor).save(force_insert=True)


def clean_text(field: str, text: str, longest: int, *, required: bool = True) -> str:
    """A text without surrounding space; raises CaseRefused naming the field."""
    text = text.strip()
    if required and not text:
        raise CaseRefused(field, "is required")
    if len(text) > longest or UNSTORABLE.search(text):
        raise CaseRefused(field, f"at most {longest:,} characters, without NUL and lone surrogates")
    return text


def check_worker(field: str, person: User | None) -> None:
    """Raises CaseRefused for somebody who may not work cases; nobody is fine."""
    if person is not None and not person.can(Ability.WORK_ALERTS):
        raise CaseRefused(field, f"{person} may not work cases")
