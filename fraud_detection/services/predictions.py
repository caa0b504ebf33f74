"""What a payment would be answered now: scored against history, nothing stored."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from fraud_detection.services.context import context_of
from fraud_detection.services.decisions import ENGINE
from fraud_detection.services.judging import features_of
from fraud_detection.services.payment_events import (
    event_row,
    home_country,
    moment_of,
    read_request,
    subjects_of,
)
from fraud_detection.services.responses import decision_fields
from fraud_detection.services.scoring import score
from fraud_detection.services.serving import serving
from users.models import ClientSystem, Customer

AFTER_ALL = 2**62  # an id behind every stored one: all of history is earlier


def predict_payment(record: Mapping[str, Any], *, client: ClientSystem) -> dict[str, Any]:
    """The body of the decision this payment would get, with a null id; raises RecordRefused."""
    started = time.perf_counter()
    state, now = serving(ENGINE), datetime.now(UTC)
    request = read_request(record, client=client, fields=state.engine.fields)
    customer = Customer.objects.filter(external_id=request.customer).first()
    moment = moment_of(request.values, now, customer.time_zone if customer else None)
    home = home_country(request.values, customer.home_country if customer else None)
    event = event_row(request, event_id=AFTER_ALL, now=now, moment=moment, home=home)
    with transaction.atomic():
        features, failed = features_of(state, event)
    context = context_of(request.values, lists_in_use=state.lists_in_use, now=now, fields=request.fields)
    features.texts.update(context)
    computed = time.perf_counter()
    scored = score(state, features, subjects_of(request.values), failed, at=now)
    scored.latency_us |= {
        "features": round((computed - started) * 1e6),
        "total": round((time.perf_counter() - started) * 1e6),
    }
    return decision_fields(
        assessment_id=None, transaction_id=request.transaction_id, at=now, serving=state, scored=scored
    )
