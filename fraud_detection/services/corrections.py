"""Correcting a payment: both versions are kept, the newer supersedes, and it is assessed anew."""

import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from fraud_detection.models import Assessment
from fraud_detection.services.announcing import Decided, announce
from fraud_detection.services.context import context_of
from fraud_detection.services.decisions import ENGINE, stored_row
from fraud_detection.services.judging import judged
from fraud_detection.services.known_events import known_event
from fraud_detection.services.payment_events import Request, accounts_of, read_request, subjects_of
from fraud_detection.services.retrying import retried
from fraud_detection.services.serving import Serving, serving
from ml.domains.fields import Problem, RecordRefused
from transactions.services import CurrentVersion, current_version, lock_accounts, open_slot, supersede
from transactions.services.status import TransactionUnknown
from users.models import ClientSystem


def correct_payment(record: Mapping[str, Any], *, transaction_id: str, client: ClientSystem) -> Decided:
    """Store a newer version of an event and decide it; the same body again is a replay.

    Raises RecordRefused for bad input, TransactionUnknown when there is nothing to correct.
    """
    state = serving(ENGINE)
    request = _read(record, transaction_id, client, state)
    decided = retried(lambda: _correct(request, state))
    announce(ENGINE, [decided])
    return decided


def _read(record: Mapping[str, Any], transaction_id: str, client: ClientSystem, state: Serving) -> Request:
    if isinstance(record, Mapping):
        if record.get("transaction_id", transaction_id) != transaction_id:
            raise RecordRefused(
                [Problem("transaction_id", "other_id", f"must be '{transaction_id}', as in the address")]
            )
        record = {**record, "transaction_id": transaction_id}
    return read_request(record, client=client, fields=state.engine.fields)


def _correct(request: Request, state: Serving) -> Decided:
    started = time.perf_counter()
    before = _current(request)
    lock_accounts((*accounts_of(request.values), *before.keys), patience_ms=settings.DECISION_TIMEOUT_MS)
    current = _current(request)  # it may have been corrected while the locks were awaited
    slot = open_slot(
        client_id=request.client_id, transaction_id=request.transaction_id, customer=request.customer
    )
    if current.digest == request.digest:
        return known_event(request, state, current.id, current.digest, slot.now)
    supersede(current.id, slot.id)
    request.values.setdefault("occurred_at", current.occurred_at)
    event = stored_row(request, slot)
    context = context_of(request.values, lists_in_use=state.lists_in_use, now=slot.now, fields=request.fields)
    for other in _others_asked(current.id):
        judged(serving(other), event, subjects_of(request.values), context, started)
    return judged(state, event, subjects_of(request.values), context, started)


def _others_asked(event_id: int) -> list[str]:
    """Further engines that assessed an event: what they said is about the version before."""
    asked = Assessment.objects.filter(transaction=event_id).exclude(engine=ENGINE)
    return sorted(asked.values_list("engine", flat=True))


def _current(request: Request) -> CurrentVersion:
    found = current_version(request.client_id, request.transaction_id)
    if found is None:
        raise TransactionUnknown(request.transaction_id)
    return found
