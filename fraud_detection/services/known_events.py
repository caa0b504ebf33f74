"""An event that is stored already: the same request again, or another engine asked about it."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fraud_detection.models import Assessment
from fraud_detection.services.announcing import Decided
from fraud_detection.services.conflicts import EventConflict
from fraud_detection.services.context import context_of
from fraud_detection.services.judging import as_recorded, judged
from fraud_detection.services.payment_events import Request, event_row, home_country, subjects_of
from fraud_detection.services.serving import Serving
from ml.domains.payments.schema import CHANNELS, FIELDS, TYPES
from transactions.models import Transaction


def known_event(request: Request, state: Serving, event_id: int, digest: bytes, now: datetime) -> Decided:
    """What this engine decided about the event, or decides now; raises EventConflict.

    The same engine wants the same body; another engine only that what both were told agrees.
    """
    found = assessments_of([event_id], state.engine.name).get(event_id)
    if found is None:
        return _second_opinion(request, state, event_id, now)
    return replayed(request, state, found, digest)


def assessments_of(event_ids: Sequence[int], engine: str) -> dict[int, Assessment]:
    """The engine's assessments of stored transactions, with their hits, by the transaction."""
    found = Assessment.objects.filter(transaction_id__in=event_ids, engine=engine).prefetch_related("hits")
    return {assessment.transaction_id: assessment for assessment in found}


def replayed(request: Request, state: Serving, assessment: Assessment, digest: bytes) -> Decided:
    """The decision that was made; raises EventConflict for another body. `digest` is the stored event's."""
    if bytes(assessment.body_digest or digest) != request.digest:
        raise EventConflict(request.transaction_id)
    return as_recorded(state, assessment, request.values)


def _second_opinion(request: Request, state: Serving, event_id: int, now: datetime) -> Decided:
    started = time.perf_counter()
    stored = Transaction.objects.select_related("customer").get(pk=event_id)
    values = values_of_stored(stored)
    if any(values.get(name) != request.values[name] for name in request.given):
        raise EventConflict(request.transaction_id)
    known = Request(values, request.digest, request.client_id, request.given, request.fields)
    home = home_country(values, stored.customer.home_country)
    moment = stored.occurred_at.astimezone(UTC)
    event = event_row(known, event_id=event_id, now=now, moment=moment, home=home)
    event |= {
        "local_hour": stored.local_hour,
        "customer_id": stored.customer_id,
        "assessed_digest": request.digest,
    }
    context = context_of(values, lists_in_use=state.lists_in_use, now=now, fields=request.fields)
    return judged(state, event, subjects_of(values), context, started)


def values_of_stored(stored: Transaction) -> dict[str, Any]:
    """The event as it was parsed when it came in."""
    values: Mapping[str, Any] = {field.name: getattr(stored, field.name) for field in FIELDS}
    present = {name: value for name, value in values.items() if value is not None}
    present["type"] = TYPES[stored.type - 1]
    if stored.channel is not None:
        present["channel"] = CHANNELS[stored.channel - 1]
    return present
