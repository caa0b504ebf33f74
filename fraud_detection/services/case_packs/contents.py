"""What stands in the ZIP of an evidence pack."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from alerts.models import Case
from alerts.selectors.cases import case_history, case_reports
from alerts.services.cases.filing import FileDamaged, file_content
from alerts.services.cases.narrating import FIELDS
from fraud_detection.services.case_packs.archive import Member
from fraud_detection.services.case_packs.document import document
from fraud_detection.services.case_packs.evidence import (
    MOST_DECISIONS,
    decision_records,
    decisions_behind,
    payments_csv,
)
from logs.models import AuditEvent

ALERT = (
    *("id", "engine", "family", "rule", "subject_kind", "subject", "severity", "status", "risk_score"),
    *("amount_minor", "reason", "hit_count", "opened_at", "last_hit_at", "disposition", "note"),
    *("resolved_at", "version"),
)
CASE = (
    *("title", "engines", "status", "severity", "due_at", "opened_at", "opened_by", "closed_at"),
    *("verdict", "note", "merged_into_id", "version"),
)


def members(case: Case, *, reports: bool, exported_by: str, at: datetime) -> Iterator[Member]:
    """(name, parts) of every file of the pack. `reports` adds those, for people who may read them."""
    yield "case.pdf", [document(case, reports=reports, exported_by=exported_by, at=at)]
    yield "case.json", [_json(_case(case))]
    yield "decisions.jsonl", _lines(decision_records(case))
    yield "transactions.csv", payments_csv(case)
    yield "audit.jsonl", _lines(map(_step, audit_trail(case, reports=reports).iterator(2_000)))
    if reports and (found := list(case_reports(case).values())):
        yield "reports.json", [_json(found)]
    damaged = []
    for file in case.files.all():
        try:
            yield f"files/{file.pk}-{file.name}", file_content(file)
        except FileDamaged as problem:
            damaged.append(str(problem))
    if damaged:
        yield "files/DAMAGED.txt", ["\n".join(damaged).encode()]


def audit_trail(case: Case, *, reports: bool) -> QuerySet[AuditEvent]:
    """Every deed done to the case, to those merged into it, and to its alerts; oldest first."""
    alerts = [str(pk) for pk in case.memberships.values_list("alert_id", flat=True)]
    done = AuditEvent.objects.filter(subject_kind="alert", subject__in=alerts)
    return (case_history(case, reports=reports).order_by() | done).order_by("id")


def _case(case: Case) -> dict[str, Any]:
    total = decisions_behind(case).count()
    narrative = case.narratives.first()
    return {
        "id": case.pk,
        "number": str(case),
        "customer": case.customer.external_id if case.customer else None,
        **{name: getattr(case, name) for name in CASE},
        "assignee": case.assignee and case.assignee.email,
        "closed_by": case.closed_by and case.closed_by.email,
        "decisions": {"in_case": total, "included": min(total, MOST_DECISIONS)},
        "narrative": narrative and {name: getattr(narrative, name) for name in FIELDS},
        "alerts": list(case.alerts.order_by("pk").values(*ALERT)),
        "comments": list(
            case.comments.order_by("pk").values("id", "author__email", "written_at", "text", "corrects_id")
        ),
        "tasks": list(case.tasks.values("id", "title", "created_by", "due_at", "done_at", "done_by")),
        "files": list(case.files.values("id", "name", "size", "sha256", "added_by", "added_at")),
    }


def _step(event: AuditEvent) -> dict[str, Any]:
    names = ("id", "at", "actor_kind", "actor", "action", "subject_kind", "subject", "before", "after")
    return {name: getattr(event, name) for name in (*names, "request_id")}


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False, default=_plain).encode("utf-8", "replace")


def _lines(records: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    for record in records:
        yield json.dumps(record, ensure_ascii=False, default=_plain).encode("utf-8", "replace") + b"\n"


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
