"""Labels that clients send: what became of an event, told once or again, early or late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from fraud_detection.models import Assessment
from fraud_detection.services.card_numbers import masked_refusal, masked_values
from ml.domains.fields import Problem, RecordReader, RecordRefused
from ml.domains.readers import Context, Field
from transactions.models import LabelSource, Transaction, Verdict
from transactions.services import record_labels
from users.models import ClientSystem

SOURCES = tuple(source.value for source in LabelSource if source != LabelSource.IMPORT)
TOLD = tuple(verdict.value for verdict in Verdict if verdict != Verdict.WITHDRAWN)
FIELDS = (
    Field("transaction_id", "text", "The event, by the client's own id."),
    Field("assessment_id", "whole", "Or the decision, by its id.", minimum=1, maximum=2**62),
    Field("verdict", "choice", "What it was.", required=True, choices=TOLD),
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
    records: Sequence[Mapping[str, Any]], *, client: ClientSystem | None, by: str
) -> list[LabelTaken | RecordRefused]:
    """Record labels in order; each stands or is refused alone. They count from now on, never earlier.

    A client system labels its own events; without one (a person labels) any event can be named.
    """
    return [_take(record, client, by) for record in records]


def _take(record: Mapping[str, Any], client: ClientSystem | None, by: str) -> LabelTaken | RecordRefused:
    try:
        values = masked_values(READER.read(record, Context(datetime.now(UTC))), FIELDS, "transaction_id")
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
        return masked_refusal(refused)
    return LabelTaken(event.transaction_id, values["verdict"], bool(added))


def _event(values: Mapping[str, Any], client: ClientSystem | None) -> Transaction:
    by_id, by_assessment = values.get("transaction_id"), values.get("assessment_id")
    if (by_id is None) == (by_assessment is None):
        raise _refused("transaction_id", "required", "give either transaction_id or assessment_id")
    if by_id is not None:
        return _named(by_id, client)
    found = Assessment.objects.select_related("transaction").filter(pk=by_assessment)
    if client is not None:
        found = found.filter(client=client)
    assessment = found.first()
    if assessment is None or assessment.transaction is None:
        raise _refused("assessment_id", "unknown", f"there is no decision {by_assessment}")
    return assessment.transaction


def _named(transaction_id: str, client: ClientSystem | None) -> Transaction:
    found = Transaction.objects.filter(transaction_id=transaction_id, superseded_by__isnull=True)
    if client is not None:
        found = found.filter(client=client)
    events = list(found[:2])
    if len(events) > 1:
        detail = "several client systems sent this id; give assessment_id instead"
        raise _refused("transaction_id", "ambiguous", detail)
    if not events:
        raise _refused("transaction_id", "unknown", f"there is no transaction '{transaction_id}'")
    return events[0]


def _refused(field: str, code: str, detail: str) -> RecordRefused:
    return RecordRefused([Problem(field, code, detail)])
