"""Deciding many payments in one transaction: lock all, store all, compute all, record all."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from django.conf import settings

from alerts.services.webhooks.subscribing import publish_decisions
from fraud_detection.models import Assessment
from fraud_detection.services.announcing import Decided
from fraud_detection.services.batch.computing import batch_features
from fraud_detection.services.conflicts import EventConflict
from fraud_detection.services.context import context_of
from fraud_detection.services.features import FeatureValues
from fraud_detection.services.judging import fresh_decision, measured
from fraud_detection.services.known_events import assessments_of, known_event, replayed
from fraud_detection.services.payment_events import (
    Request,
    accounts_of,
    customer_side,
    event_row,
    home_country,
    moment_of,
    subjects_of,
)
from fraud_detection.services.recording import store_assessments, store_hits_together
from fraud_detection.services.releasing import release
from fraud_detection.services.scoring import Scored, score
from fraud_detection.services.serving import Serving
from fraud_detection.services.shadow_rules import store_shadow_hits
from fraud_detection.services.shadowing import shadow_scores_together
from ml.features import kernel
from transactions.services import (
    KnownCustomer,
    NewCustomer,
    Slots,
    ensure_customers,
    lock_accounts,
    open_slots,
    store_transactions,
)


def decide_batch(requests: Sequence[Request], state: Serving) -> list[Decided | EventConflict]:
    """Decide payments of one client system in their order, inside the caller's transaction.

    An id taken by somebody else at the same moment raises IntegrityError: run it again.
    """
    started = time.perf_counter()
    lock_accounts(
        {key for request in requests for key in accounts_of(request.values)},
        patience_ms=settings.BATCH_TIMEOUT_MS,
    )
    slots = open_slots(
        client_id=requests[0].client_id,
        transaction_ids=[request.transaction_id for request in requests],
        customers={request.customer for request in requests},
    )
    results, fresh = _sorted_out(requests, state, slots)
    rows = _stored(fresh, slots.ids, slots.now, slots.customers)
    stored = time.perf_counter()
    if rows:
        decided = _decided(state, fresh, rows, slots.now, started, stored)
        results = [_settled(result, decided) for result in results]
    return results


def _sorted_out(requests: Sequence[Request], state: Serving, slots: Slots) -> tuple[list[Any], list[Request]]:
    """Replays and conflicts with what is stored, and the requests that are new.

    A result that depends on the batch itself is left as (index among the new, digest matches, first).
    """
    recorded = assessments_of([event for event, _ in slots.known.values()], state.engine.name)
    results: list[Any] = []
    fresh: list[Request] = []
    first_of: dict[str, int] = {}
    for request in requests:
        name = request.transaction_id
        if name in slots.known:
            results.append(_known(request, state, recorded, slots))
        elif name in first_of:
            same = fresh[first_of[name]].digest == request.digest
            results.append((first_of[name], False) if same else EventConflict(name))
        else:
            first_of[name] = len(fresh)
            results.append((len(fresh), True))
            fresh.append(request)
    return results, fresh


def _settled(result: Any, decided: list[Decided]) -> Decided | EventConflict:
    if not isinstance(result, tuple):
        return result
    place, first = result
    found = decided[place]
    return found if first else replace(found, replayed=True)


def _known(
    request: Request, state: Serving, recorded: Mapping[int, Assessment], slots: Slots
) -> Decided | EventConflict:
    event_id, digest = slots.known[request.transaction_id]
    try:
        if event_id in recorded:
            return replayed(request, state, recorded[event_id], digest)
        return known_event(request, state, event_id, digest, slots.now)
    except EventConflict as conflict:
        return conflict


def _stored(
    fresh: list[Request], ids: list[int], now: datetime, customers: Mapping[str, KnownCustomer]
) -> list[dict[str, Any]]:
    """The rows of new events, stored with their customers; a home counts from where it is first given."""
    homes = {name: customer.home_country for name, customer in customers.items()}
    rows, wanted = [], {}
    for request, event_id in zip(fresh, ids, strict=False):
        values, known = request.values, customers.get(request.customer)
        home = home_country(values, homes.get(request.customer))
        moment = moment_of(values, now, known.time_zone if known else None)
        rows.append(event_row(request, event_id=event_id, now=now, moment=moment, home=home))
        if known is None or home != homes.get(request.customer):
            first = wanted.get(request.customer)
            side = customer_side(values)
            wanted[request.customer] = NewCustomer(
                name=first.name if first else values.get(f"{side}_name", ""),
                email=first.email if first else values.get("email", ""),
                home_country=home,
            )
        homes[request.customer] = home
    customer_ids = {name: customer.id for name, customer in customers.items()} | ensure_customers(wanted, now)
    for row in rows:
        row["customer_id"] = customer_ids[row["user_id"]]
    store_transactions(rows)
    return rows


def _decided(
    state: Serving,
    fresh: list[Request],
    rows: list[dict[str, Any]],
    now: datetime,
    started: float,
    stored: float,
) -> list[Decided]:
    feature_set = state.engine.feature_set
    if feature_set.measures:
        rows = [{**row, **measured(state, row)} for row in rows]
    numbers = batch_features(feature_set, rows)
    features = [
        FeatureValues(
            numbers[place],
            kernel.texts(feature_set, row)
            | context_of(request.values, lists_in_use=state.lists_in_use, now=now, fields=request.fields),
        )
        for place, (request, row) in enumerate(zip(fresh, rows, strict=True))
    ]
    computed = time.perf_counter()
    scored = _scored(state, fresh, features, numbers, now)
    for row, one in zip(rows, scored, strict=True):
        release(state, one, client_id=row["client_id"], external_id=row[state.engine.id_field])
    _share_time(
        scored, store=stored - started, features=computed - stored, total=time.perf_counter() - started
    )
    ids = store_assessments(state, rows, features, scored, now)
    store_hits_together(state, ids, rows, scored)
    watched = [(assessment_id, one.would_be) for assessment_id, one in zip(ids, scored, strict=True)]
    store_shadow_hits(state.engine.name, watched, now)
    decided = [
        fresh_decision(state, assessment_id, row, one)
        for assessment_id, row, one in zip(ids, rows, scored, strict=True)
    ]
    publish_decisions(
        state.engine.name, [one.body for one in decided], customers=[row["user_id"] for row in rows]
    )
    return decided


def _scored(
    state: Serving, fresh: list[Request], features: list[FeatureValues], numbers: np.ndarray, now: datetime
) -> list[Scored]:
    """The model once over all rows, then each judged as if it had come alone."""
    predicted = state.predictor.probabilities_or_none(numbers)
    scored = [
        score(
            state,
            one,
            subjects_of(request.values),
            [],
            probability=None if predicted is None else predicted[place],
            at=now,
        )
        for place, (request, one) in enumerate(zip(fresh, features, strict=True))
    ]
    for one, shadows in zip(scored, shadow_scores_together(state, numbers), strict=True):
        one.shadow_scores = shadows
    return scored


def _share_time(scored: list[Scored], **seconds: float) -> None:
    """Each event's share of what the batch took."""
    for one in scored:
        one.latency_us |= {stage: round(spent * 1e6 / len(scored)) for stage, spent in seconds.items()}
