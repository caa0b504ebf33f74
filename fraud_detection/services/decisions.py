"""Deciding payments: one database transaction from the request to the recorded decision."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError

from fraud_detection.services.announcing import Decided, announce
from fraud_detection.services.batch import decide_batch
from fraud_detection.services.conflicts import EventConflict
from fraud_detection.services.context import context_of
from fraud_detection.services.judging import judged
from fraud_detection.services.known_events import known_event
from fraud_detection.services.payment_events import (
    Request,
    accounts_of,
    customer_side,
    event_row,
    home_country,
    moment_of,
    read_request,
    subjects_of,
)
from fraud_detection.services.retrying import decided_or_refused, retried, retried_or_refused
from fraud_detection.services.serving import Serving, serving
from ml.domains.fields import RecordRefused
from transactions.services import (
    Slot,
    ensure_customer,
    lock_accounts,
    open_slot,
    store_transaction,
    stored_event,
)
from users.models import ClientSystem

__all__ = ["Decided", "EventConflict", "RecordRefused", "decide_payment", "decide_payments"]

ENGINE = "payments"
BATCH = 1_000  # rows whose accounts one transaction may lock
log = structlog.get_logger(__name__)


def decide_payment(record: Mapping[str, Any], *, client: ClientSystem, engine: str = ENGINE) -> Decided:
    """Store and score one transaction, exactly once for each engine that is asked about it.

    Raises RecordRefused for bad input and EventConflict for a taken id; nothing is stored then.
    """
    state = serving(engine)
    request = read_request(record, client=client, fields=state.engine.fields)
    decided = _decided(request, state)
    announce(engine, [decided])
    return decided


def decide_payments(
    records: Sequence[Mapping[str, Any]],
    *,
    client: ClientSystem,
    text: bool = False,
    engine: str = ENGINE,
    quiet: bool = False,
) -> list[Decided | RecordRefused | EventConflict]:
    """Decide many transactions in their order; each stands or fails alone.

    `text`: rows of a file. `quiet`: live pages and counters are not told.
    """
    state = serving(engine)
    results: list[Any] = [_read(record, client, text, state) for record in records]
    places = [place for place, result in enumerate(results) if isinstance(result, Request)]
    for start in range(0, len(places), BATCH):
        chunk = places[start : start + BATCH]
        decided = _decide_chunk([results[place] for place in chunk], state)
        for place, result in zip(chunk, decided, strict=True):
            results[place] = result
    if not quiet:
        announce(engine, [result for result in results if isinstance(result, Decided)])
    return results


def _read(
    record: Mapping[str, Any], client: ClientSystem, text: bool, state: Serving
) -> Request | RecordRefused:
    try:
        return read_request(record, client=client, text=text, fields=state.engine.fields)
    except RecordRefused as refused:
        return refused


def _decide_chunk(requests: list[Request], state: Serving) -> list[Decided | EventConflict | RecordRefused]:
    if len(requests) > 1:
        try:
            return retried(lambda: decide_batch(requests, state))
        except OperationalError:
            raise
        except Exception as error:
            # One by one each event is decided, degraded if need be; the batch as a whole is never lost.
            log.exception("batch_fell_back", events=len(requests), error=str(error))
    return [decided_or_refused(lambda request=request: _decided(request, state)) for request in requests]


def _decided(request: Request, state: Serving) -> Decided:
    return retried_or_refused(lambda: _decide(request, state), request.transaction_id)


def _decide(request: Request, state: Serving) -> Decided:
    started = time.perf_counter()
    lock_accounts(accounts_of(request.values), patience_ms=settings.DECISION_TIMEOUT_MS)
    slot = open_slot(
        client_id=request.client_id, transaction_id=request.transaction_id, customer=request.customer
    )
    if slot.known_id is not None:
        return known_event(request, state, slot.known_id, slot.known_digest, slot.now)
    event = stored_row(request, slot)
    if event is None:
        known = stored_event(request.client_id, request.transaction_id)
        return known_event(request, state, *known, slot.now)
    context = context_of(request.values, lists_in_use=state.lists_in_use, now=slot.now, fields=request.fields)
    return judged(state, event, subjects_of(request.values), context, started)


def stored_row(request: Request, slot: Slot) -> dict[str, Any] | None:
    """The event's row, stored with its customer; None when its id was taken at the same moment."""
    values = request.values
    home = home_country(values, slot.home_country)
    moment = moment_of(values, slot.now, slot.time_zone)
    event = event_row(request, event_id=slot.id, now=slot.now, moment=moment, home=home)
    event["customer_id"] = slot.customer_id
    if slot.customer_id is None or home != slot.home_country:
        side = customer_side(values)
        event["customer_id"] = ensure_customer(
            request.customer,
            name=values.get(f"{side}_name", ""),
            email=values.get("email", ""),
            home_country=home,
            now=slot.now,
        )
    return event if store_transaction(event) else None
