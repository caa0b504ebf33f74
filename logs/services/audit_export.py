"""The audit trail as a file: CSV or JSON Lines, in parts, oldest event first; the export itself is a deed."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.db.models import Max, QuerySet

from logs.models import AuditEvent
from logs.services.audit import record
from logs.services.spreadsheets import harmless

AT_ONCE = 1_000
FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson; charset=utf-8"}
COLUMNS = (
    "id", "at", "actor_kind", "actor", "action", "subject_kind", "subject", "before", "after", "request_id",
)  # fmt: skip


def export_events(
    events: QuerySet[AuditEvent],
    *,
    format: str,
    filters: dict[str, str],
    actor_kind: str,
    actor: str,
    request_id: str = "",
) -> Iterator[str]:
    """The events as they stand now, in parts; records "audit.exported" with what was asked for."""
    newest = events.order_by().aggregate(newest=Max("pk"))["newest"] or 0
    record(
        "audit.exported",
        actor_kind=actor_kind,
        actor=actor,
        subject_kind="audit",
        subject="trail",
        after={"format": format, "up_to_event": newest, "filters": filters},
        request_id=request_id,
    )
    return (_csv if format == "csv" else _json_lines)(_chunks(events, newest))


def _chunks(events: QuerySet[AuditEvent], newest: int) -> Iterator[list[dict[str, Any]]]:
    after = 0
    ordered = events.order_by("pk").values(*COLUMNS)
    while rows := list(ordered.filter(pk__gt=after, pk__lte=newest)[:AT_ONCE]):
        yield rows
        after = rows[-1]["id"]


def _csv(chunks: Iterator[list[dict[str, Any]]]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    yield text.getvalue()
    for rows in chunks:
        text.seek(0)
        text.truncate()
        writer.writerows([_cell(row[name]) for name in COLUMNS] for row in rows)
        yield text.getvalue()


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, str):
        return harmless(value)
    return value.isoformat() if hasattr(value, "isoformat") else json.dumps(value, ensure_ascii=False)


def _json_lines(chunks: Iterator[list[dict[str, Any]]]) -> Iterator[str]:
    for rows in chunks:
        lines = (json.dumps(row | {"at": row["at"].isoformat()}, ensure_ascii=False) for row in rows)
        yield "".join(f"{line}\n" for line in lines)
