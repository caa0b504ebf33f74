"""Deciding about events with a table of their own: the way of a payment, for any engine."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from django.conf import settings

from fraud_detection.models import Assessment
from fraud_detection.services.announcing import Decided, announce
from fraud_detection.services.conflicts import EventConflict
from fraud_detection.services.judging import as_recorded, judged
from fraud_detection.services.retrying import decided_or_refused, retried_or_refused
from fraud_detection.services.serving import Serving, serving
from fraud_detection.services.sources.registry import SOURCES
from fraud_detection.services.sources.source import EventRequest, read_event
from ml.domains.fields import RecordRefused
from transactions.services import Slot, ensure_customer, lock_accounts, open_event_slot, store_event
from users.models import ClientSystem


def decide_event(engine: str, record: Mapping[str, Any], *, client: ClientSystem) -> Decided:
    """Store and assess one event, exactly once where it has an id of its own.

    Raises RecordRefused for bad input and EventConflict for a taken id; nothing is stored then.
    """
    request = read_event(SOURCES[engine], record, client=client)
    state = serving(engine)
    decided = retried_or_refused(lambda: _decide(request, state), request.external_id)
    announce(engine, [decided])
    return decided


def decide_events(
    engine: str,
    records: Sequence[Mapping[str, Any]],
    *,
    client: ClientSystem,
    text: bool = False,
    quiet: bool = False,
) -> list[Decided | RecordRefused | EventConflict]:
    """Decide many events in their order; each stands or fails alone.

    `text`: rows of a file. `quiet`: live pages and counters are not told.
    """
    state = serving(engine)
    results = [
        decided_or_refused(lambda record=record: _decided(engine, record, client, text, state))
        for record in records
    ]
    if not quiet:
        announce(engine, [result for result in results if isinstance(result, Decided)])
    return results


def _decided(
    engine: str, record: Mapping[str, Any], client: ClientSystem, text: bool, state: Serving
) -> Decided:
    request = read_event(SOURCES[engine], record, client=client, text=text)
    return retried_or_refused(lambda: _decide(request, state), request.external_id)


def _decide(request: EventRequest, state: Serving) -> Decided:
    started = time.perf_counter()
    source = request.source
    lock_accounts(request.keys, patience_ms=settings.DECISION_TIMEOUT_MS)
    customer = source.customer_of(request.values)
    slot = open_event_slot(
        source.kind, client_id=request.client_id, external_id=request.external_id, customer=customer
    )
    if slot.known_id is not None:
        return _replayed(request, state, slot)
    event = _event(request, slot, customer)
    if not store_event(source.kind, event):
        raise EventConflict(event[source.id_field], source.id_field)
    if source.count is not None:
        source.count(event)
    context = source.context(request.values, state.policy.settings)
    return judged(state, event, source.subjects_of(request.values), context, started)


def _replayed(request: EventRequest, state: Serving, slot: Slot) -> Decided:
    """The id is locked, so whoever stored the event has recorded its assessment too."""
    if slot.known_digest != request.digest:
        raise EventConflict(request.external_id, request.source.id_field)
    engine = state.engine
    found = Assessment.objects.prefetch_related("hits").get(
        **{engine.link: slot.known_id}, engine=engine.name
    )
    return as_recorded(state, found, request.values)


def _event(request: EventRequest, slot: Slot, customer: str) -> dict[str, Any]:
    """The stored row, with what recording needs beside it."""
    source, values = request.source, request.values
    moment = values.get("occurred_at") or slot.now.astimezone(UTC)
    customer_id = slot.customer_id or ensure_customer(
        customer, name="", email="", home_country="", now=slot.now
    )
    return {
        **values,
        **source.encode(values, moment),
        "id": slot.id,
        "client_id": request.client_id,
        source.id_field: request.external_id or f"fg-{source.engine}-{slot.id}",
        "body_digest": request.digest,
        "customer_id": customer_id,
        "user_id": customer,
        "occurred_at": moment,
        "received_at": slot.now,
    }
