"""Correcting a payment: both versions are kept, the newer supersedes, and it is assessed anew."""

import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from fraud_detection.services.announcing import Decided, announce
from fraud_detection.services.decisions import ENGINE, judged, replayed, retried, stored_row
from fraud_detection.services.payment_events import Request, accounts_of, read_request
from fraud_detection.services.serving import Serving, serving
from ml.domains.fields import Problem, RecordRefused
from transactions.services import CurrentVersion, current_version, lock_accounts, open_slot, supersede
from transactions.services.status import TransactionUnknown
from users.models import ClientSystem


def correct_payment(record: Mapping[str, Any], *, transaction_id: str, client: ClientSystem) -> Decided:
    """Store a newer version of an event and decide it; the same body again is a replay.

    Raises RecordRefused for bad input, TransactionUnknown when there is nothing to correct.
    """
    request = _read(record, transaction_id, client)
    state = serving(ENGINE)
    decided = retried(lambda: _correct(request, state))
    announce(ENGINE, [decided])
    return decided


def _read(record: Mapping[str, Any], transaction_id: str, client: ClientSystem) -> Request:
    if isinstance(record, Mapping):
        if record.get("transaction_id", transaction_id) != transaction_id:
            raise RecordRefused(
                [Problem("transaction_id", "other_id", f"must be '{transaction_id}', as in the address")]
            )
        record = {**record, "transaction_id": transaction_id}
    return read_request(record, client=client)


def _correct(request: Request, state: Serving) -> Decided:
    started = time.perf_counter()
    before = _current(request)
    lock_accounts((*accounts_of(request.values), *before.keys), patience_ms=settings.DECISION_TIMEOUT_MS)
    current = _current(request)  # it may have been corrected while the locks were awaited
    if current.digest == request.digest:
        return replayed(request, current.id, current.digest)
    slot = open_slot(
        client_id=request.client_id, transaction_id=request.transaction_id, customer=request.customer
    )
    supersede(current.id, slot.id)
    request.values.setdefault("occurred_at", current.occurred_at)
    event = stored_row(request, slot)
    return judged(request, state, event, slot, started)


def _current(request: Request) -> CurrentVersion:
    found = current_version(request.client_id, request.transaction_id)
    if found is None:
        raise TransactionUnknown(request.transaction_id)
    return found
