"""Erasing a customer: asked for by one person, carried out by another, done in batches by the worker.

Everything that counts stands in the request's row: a batch and how far it came are one transaction, so a
process that dies anywhere leaves an erasure that the next one goes on with.
"""

from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone

from fraud_detection.models import ErasureRequest, ErasureState
from fraud_detection.services.privacy.errors import ErasureConflict, ErasureHeld, ErasureRefused, SecondPerson
from fraud_detection.services.privacy.holding import holds_on
from fraud_detection.services.privacy.rewriting import rewrite
from fraud_detection.services.privacy.scope import Scope, opened_scope, sealed_scope
from fraud_detection.services.privacy.steps import STEPS, Deed, batch_of
from logs.services import record
from ml.features.keys import entity_key
from transactions.services import lock_accounts
from users.models import Customer, User

TASK = "fraud_detection.tasks.run_erasures"
BATCH = 1_000
LONGEST = 1_000
log = structlog.get_logger(__name__)


@transaction.atomic
def ask_erasure(*, customer_id: int, reason: str, acting_user: User, request_id: str = "") -> ErasureRequest:
    """Ask that a customer is erased; it waits for another person.

    Raises ErasureRefused, ErasureHeld, ErasureConflict when it was asked already, Customer.DoesNotExist.
    """
    reason = reason.strip().replace("\x00", "")
    if not reason or len(reason) > LONGEST or not _storable(reason):
        raise ErasureRefused("reason", f"say why, in at most {LONGEST:,} characters")
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    _refuse_held(customer)
    if ErasureRequest.objects.filter(customer=customer).exclude(state=ErasureState.WITHDRAWN).exists():
        raise ErasureConflict("an erasure of this customer was asked for already")
    made = ErasureRequest.objects.create(customer=customer, reason=reason, asked_by=acting_user.email)
    _record("erasure.asked", made, acting_user, request_id)
    return made


@transaction.atomic
def withdraw_erasure(*, erasure_id: int, acting_user: User, request_id: str = "") -> ErasureRequest:
    """Take a request back that nobody carried out; raises ErasureConflict, ErasureRequest.DoesNotExist."""
    asked = _waiting(erasure_id)
    asked.state, asked.ended_at = ErasureState.WITHDRAWN, timezone.now()
    asked.save(update_fields=["state", "ended_at"])
    _record("erasure.withdrawn", asked, acting_user, request_id)
    return asked


@transaction.atomic
def carry_out_erasure(*, erasure_id: int, acting_user: User, request_id: str = "") -> ErasureRequest:
    """Begin an erasure that somebody else asked for; from here on it cannot be stopped.

    The customer's row gets its pseudonym at once: who comes under the old id from now on is a new customer.
    Raises SecondPerson, ErasureHeld, ErasureConflict, ErasureRequest.DoesNotExist.
    """
    asked = _waiting(erasure_id)
    if acting_user.email == asked.asked_by:
        raise SecondPerson("an erasure is carried out by somebody else than who asked for it")
    customer = Customer.objects.select_for_update().get(pk=asked.customer_id)
    _refuse_held(customer)
    # Decisions about the customer that have begun end first; later ones find no customer of this name.
    lock_accounts([entity_key("account", customer.external_id)], patience_ms=0)
    asked.state, asked.carried_out_by, asked.started_at = (
        ErasureState.RUNNING,
        acting_user.email,
        timezone.now(),
    )
    asked.sealed = sealed_scope(customer)
    asked.save()
    _rename(customer, opened_scope(asked))
    _record("erasure.carried_out", asked, acting_user, request_id)
    transaction.on_commit(partial(current_app.send_task, TASK, retry=False), robust=True)
    return asked


def run_erasures(batches: int | None = None) -> int:
    """Go on with every erasure that has begun; returns how many ended. `batches` of each at most."""
    ended = 0
    for erasure_id in ErasureRequest.objects.filter(state=ErasureState.RUNNING).values_list("pk", flat=True):
        ended += _run(erasure_id, batches)
    return ended


def erase_customer(
    *, customer: Customer, asked_by: User, carried_out_by: User, reason: str
) -> ErasureRequest:
    """Ask, carry out and do it at once, for the command line: two people all the same."""
    asked = ask_erasure(customer_id=customer.pk, reason=reason, acting_user=asked_by)
    carry_out_erasure(erasure_id=asked.pk, acting_user=carried_out_by)
    _run(asked.pk, None)
    asked.refresh_from_db()
    return asked


def _run(erasure_id: int, batches: int | None) -> bool:
    scope, done = None, 0
    while batches is None or done < batches:
        with transaction.atomic():
            held = ErasureRequest.objects.select_for_update(skip_locked=True, of=("self",))
            request = (
                held.select_related("customer").filter(pk=erasure_id, state=ErasureState.RUNNING).first()
            )
            if request is None:
                return False  # another process has it, or ended it
            if scope is None:
                scope = opened_scope(request)
            scope.request = request
            if request.step == len(STEPS):
                _finish(request)
                return True
            _batch(request, scope)
        done += 1
    return False


def _batch(request: ErasureRequest, scope: Scope) -> None:
    step = STEPS[request.step]
    if isinstance(step, Deed):
        changed, last = step.do(scope), None
    else:
        rows = batch_of(step, scope, request.cursor, BATCH)
        changed = rewrite(step.model, [(row.pk, step.change(row, scope)) for row in rows])
        last = rows[-1].pk if len(rows) == BATCH else None
    request.changed[step.name] = request.changed.get(step.name, 0) + changed
    request.step, request.cursor = (request.step + 1, 0) if last is None else (request.step, last)
    request.save(update_fields=["step", "cursor", "changed"])


def _finish(request: ErasureRequest) -> None:
    request.state, request.ended_at, request.sealed = ErasureState.DONE, timezone.now(), ""
    request.save(update_fields=["state", "ended_at", "sealed"])
    record(
        "customer.erased",
        actor_kind="user",
        actor=request.carried_out_by,
        subject_kind="customer",
        subject=str(request.customer_id),
        after={"erasure": request.pk, "asked_by": request.asked_by, "changed": request.changed},
    )
    log.info("customer_erased", erasure=request.pk, rows=sum(request.changed.values()))


def _rename(customer: Customer, scope: Scope) -> None:
    customer.external_id = scope.pseudonyms.of("id", customer.external_id)
    customer.name = customer.email = ""
    customer.attributes = {}
    customer.save(update_fields=["external_id", "name", "email", "attributes"])


def _waiting(erasure_id: int) -> ErasureRequest:
    asked = ErasureRequest.objects.select_for_update().get(pk=erasure_id)
    if asked.state != ErasureState.ASKED:
        raise ErasureConflict(f"it is no longer waiting: {asked.get_state_display().lower()}")
    return asked


def _refuse_held(customer: Customer) -> None:
    if reasons := holds_on(customer, timezone.now()):
        raise ErasureHeld(reasons)


def _record(action: str, erasure: ErasureRequest, user: User, request_id: str) -> None:
    record(
        action,
        actor_kind="user",
        actor=user.email,
        subject_kind="customer",
        subject=str(erasure.customer_id),
        after={"erasure": erasure.pk, "state": erasure.state},
        request_id=request_id,
    )


def _storable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)
