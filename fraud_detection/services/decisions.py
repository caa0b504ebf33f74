"""Deciding payments: one database transaction from the request to the recorded decision."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import DatabaseError, DataError, IntegrityError, OperationalError, transaction

from fraud_detection.models import Assessment
from fraud_detection.services.announcing import Decided, announce
from fraud_detection.services.batch import decide_batch
from fraud_detection.services.conflicts import EventConflict
from fraud_detection.services.context import context_of
from fraud_detection.services.features import FeatureValues, computed, without_history
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
from fraud_detection.services.recording import store_assessment, store_hits
from fraud_detection.services.responses import decision_fields, recorded_fields
from fraud_detection.services.scoring import Scored, score
from fraud_detection.services.serving import Serving, serving
from ml.domains.fields import Problem, RecordRefused
from ml.domains.payments.schema import microseconds
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
ATTEMPTS = 3
RETRIED = ("40P01", "40001", "23505")  # deadlock, serialization failure, an id taken at the same moment
OUT_OF_TIME = "57014"  # the statement ran longer than DECISION_TIMEOUT_MS
BATCH = 1_000  # rows whose accounts one transaction may lock
T = TypeVar("T")
log = structlog.get_logger(__name__)


def decide_payment(record: Mapping[str, Any], *, client: ClientSystem) -> Decided:
    """Store and score one payment, exactly once.

    Raises RecordRefused for bad input and EventConflict for a taken id; nothing is stored then.
    """
    request = read_request(record, client=client)
    state = serving(ENGINE)
    decided = _decided(request, state)
    announce(ENGINE, [decided])
    return decided


def decide_payments(
    records: Sequence[Mapping[str, Any]], *, client: ClientSystem, text: bool = False
) -> list[Decided | RecordRefused | EventConflict]:
    """Decide many payments in their order; each stands or fails alone. `text`: rows of a file."""
    results: list[Any] = [_read(record, client, text) for record in records]
    places = [place for place, result in enumerate(results) if isinstance(result, Request)]
    state = serving(ENGINE)
    for start in range(0, len(places), BATCH):
        chunk = places[start : start + BATCH]
        decided = _decide_chunk([results[place] for place in chunk], state)
        for place, result in zip(chunk, decided, strict=True):
            results[place] = result
    announce(ENGINE, [result for result in results if isinstance(result, Decided)])
    return results


def _read(record: Mapping[str, Any], client: ClientSystem, text: bool) -> Request | RecordRefused:
    try:
        return read_request(record, client=client, text=text)
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
    return [_decided_or_refused(request, state) for request in requests]


def _decided_or_refused(request: Request, state: Serving) -> Decided | EventConflict | RecordRefused:
    try:
        return _decided(request, state)
    except (EventConflict, RecordRefused) as refused:
        return refused


def _decided(request: Request, state: Serving) -> Decided:
    try:
        return retried(lambda: _decide(request, state))
    except DataError as error:
        log.exception("event_not_storable", transaction_id=request.transaction_id, error=str(error))
        detail = f"holds a value that cannot be stored: {str(error).splitlines()[0]}"
        raise RecordRefused([Problem("", "not_storable", detail)]) from error


def retried(work: Callable[[], T]) -> T:
    """Run in a transaction of its own, again from the start when another one got in its way."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return work()
        except (OperationalError, IntegrityError) as error:
            if getattr(error.__cause__, "pgcode", None) not in RETRIED or attempt == ATTEMPTS:
                raise
            log.warning("decision_retried", attempt=attempt, error=str(error))
    raise AssertionError("unreachable: the last attempt returns or raises")


def _decide(request: Request, state: Serving) -> Decided:
    started = time.perf_counter()
    lock_accounts(accounts_of(request.values), patience_ms=settings.DECISION_TIMEOUT_MS)
    slot = open_slot(
        client_id=request.client_id, transaction_id=request.transaction_id, customer=request.customer
    )
    if slot.known_id is not None:
        return replayed(request, slot.known_id, slot.known_digest)
    event = stored_row(request, slot)
    if event is None:
        return replayed(request, *stored_event(request.client_id, request.transaction_id))
    return judged(request, state, event, slot, started)


def judged(request: Request, state: Serving, event: Mapping[str, Any], slot: Slot, started: float) -> Decided:
    """Features, score and record of an event that was just stored."""
    stored = time.perf_counter()
    features, failed = features_of(state, event)
    features.texts.update(context_of(request.values, lists_in_use=state.lists_in_use, now=slot.now))
    computed_at = time.perf_counter()
    scored = score(state, features, subjects_of(request.values), failed)
    scored.latency_us |= {
        "store": round((stored - started) * 1e6),
        "features": round((computed_at - stored) * 1e6),
        "total": round((time.perf_counter() - started) * 1e6),
    }
    return _recorded(state, event, features, scored)


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


def features_of(state: Serving, event: Mapping[str, Any]) -> tuple[FeatureValues, list[str]]:
    """The features, or none and the name of what failed; the savepoint keeps the event either way."""
    feature_set = state.engine.feature_set
    moment = event["occurred_at"]
    try:
        with transaction.atomic():
            return computed(feature_set, {**event, "occurred_at": microseconds(moment)}, moment), []
    except DatabaseError as error:
        # A lost connection or a deadlock concerns the whole decision; running out of time only this part.
        if isinstance(error, OperationalError) and getattr(error.__cause__, "pgcode", None) != OUT_OF_TIME:
            raise
        log.exception("features_failed", feature_set=feature_set.version, error=str(error))
    except Exception as error:  # whatever is wrong with a definition, it must not lose the event
        log.exception("features_failed", feature_set=feature_set.version, error=str(error))
    return without_history(feature_set), ["features"]


def _recorded(state: Serving, event: Mapping[str, Any], features: FeatureValues, scored: Scored) -> Decided:
    at = event["received_at"]
    assessment_id = store_assessment(state, event, features, scored, at)
    store_hits(state, assessment_id, event, scored)
    body = decision_fields(
        assessment_id=assessment_id,
        transaction_id=event["transaction_id"],
        at=at,
        serving=state,
        scored=scored,
    )
    return Decided(body, False, assessment_id, event["amount_minor"])


def replayed(request: Request, event_id: int, digest: bytes) -> Decided:
    if digest != request.digest:
        raise EventConflict(request.transaction_id)
    found = Assessment.objects.prefetch_related("hits").get(transaction_id=event_id, engine=ENGINE)
    return Decided(recorded_fields(found), True, found.pk, found.amount_minor)
