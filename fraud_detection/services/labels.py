"""Labels that clients send: what became of an event, told once or again, early or late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from fraud_detection.models import Assessment
from ml.domains.fields import Context, Field, Problem, RecordReader, RecordRefused
from transactions.models import LabelSource, Transaction, Verdict
from transactions.services import record_labels
from users.models import ClientSystem

SOURCES = tuple(source.value for source in LabelSource if source != LabelSource.IMPORT)
FIELDS = (
    Field("transaction_id", "text", "The event, by the client's own id."),
    Field("assessment_id", "whole", "Or the decision, by its id.", minimum=1, maximum=2**62),
    Field("verdict", "choice", "What it was.", required=True, choices=tuple(Verdict.values)),
    Field("source", "choice", "Who says so.", required=True, choices=SOURCES),
    Field("reason", "text", "Why, in words or a code.", limit=500),
    Field("occurred_at", "time", "When the client learned it."),
)
READER = RecordReader(FIELDS)
MOST = 1_000


@dataclass(frozen=True)
class LabelTaken:
    """A label that stands: `added` is False when the same was said before."""

    transaction_id: str
    verdict: str
    added: bool


def take_labels(
    records: Sequence[Mapping[str, Any]], *, client: ClientSystem, by: str
) -> list[LabelTaken | RecordRefused]:
    """Record labels in order; each stands or is refused alone. They count from now on, never earlier."""
    return [_take(record, client, by) for record in records]


def _take(record: Mapping[str, Any], client: ClientSystem, by: str) -> LabelTaken | RecordRefused:
    try:
        values = READER.read(record, Context(datetime.now(UTC)))
        with transaction.atomic():
            event = _event(values, client)
            added = record_labels(
                [event.pk],
                verdict=values["verdict"],
                source=values["source"],
                reason=values.get("reason", ""),
                known_at=datetime.now(UTC),
                occurred_at=values.get("occurred_at"),
                recorded_by=by,
            )
    except RecordRefused as refused:
        return refused
    return LabelTaken(event.transaction_id, values["verdict"], bool(added))


def _event(values: Mapping[str, Any], client: ClientSystem) -> Transaction:
    by_id, by_assessment = values.get("transaction_id"), values.get("assessment_id")
    if (by_id is None) == (by_assessment is None):
        raise RecordRefused(
            [Problem("transaction_id", "required", "give either transaction_id or assessment_id")]
        )
    if by_id is not None:
        found = Transaction.objects.filter(
            client=client, transaction_id=by_id, superseded_by__isnull=True
        ).first()
        field, what = "transaction_id", f"there is no transaction '{by_id}'"
    else:
        assessment = (
            Assessment.objects.select_related("transaction").filter(pk=by_assessment, client=client).first()
        )
        found = assessment.transaction if assessment else None
        field, what = "assessment_id", f"there is no decision {by_assessment}"
    if found is None:
        raise RecordRefused([Problem(field, "unknown", what)])
    return found
