"""Deciding on events, and what models stand behind it."""

import structlog
from django.http import HttpRequest, HttpResponse

from api import problems
from api.errors.answering import Answer, conflict, forbidden, unknown, value_refused
from api.problems import Fault, pointer
from fraud_detection.services.customers.champion import NoCustomerModel
from fraud_detection.services.decisions import EventConflict, RecordRefused
from fraud_detection.services.model_stages import (
    FourEyesRefused,
    ModelConflict,
    PromotionRefused,
    StageRefused,
)
from fraud_detection.services.reviews import ReviewConflict, ReviewRefused
from fraud_detection.services.serving import EngineNotInstalled
from fraud_detection.services.streaming.letters import LetterConflict, LetterRefused
from transactions.services.status import TransactionUnknown

log = structlog.get_logger(__name__)


def _record_refused(request: HttpRequest, error: RecordRefused) -> HttpResponse:
    faults = record_faults(error)
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


def record_faults(error: RecordRefused) -> list[Fault]:
    """The problems of a refused record as pointers into it."""
    return [
        Fault(pointer(item.field) if item.field else "", item.code, item.detail) for item in error.problems
    ]


def _unfit_model(request: HttpRequest, error: PromotionRefused) -> HttpResponse:
    return problems.respond(request, 422, str(error), faults=[Fault("", "cannot_serve", str(error))])


def _not_installed(request: HttpRequest, error: EngineNotInstalled) -> HttpResponse:
    log.error("engine_not_installed", path=request.path, error=str(error))
    return problems.respond(
        request, 503, "This engine has not been set up yet.", headers={"Retry-After": "60"}
    )


def _no_customer_model(request: HttpRequest, error: NoCustomerModel) -> HttpResponse:
    log.error("customer_model_missing", path=request.path, error=str(error))
    detail = "No model of customers can predict at the moment."
    return problems.respond(request, 503, detail, headers={"Retry-After": "60"})


ANSWERS: tuple[Answer, ...] = (
    (RecordRefused, _record_refused),
    (EventConflict, conflict),
    (TransactionUnknown, unknown),
    (FourEyesRefused, forbidden),
    (PromotionRefused, _unfit_model),
    ((ModelConflict, StageRefused), conflict),
    (EngineNotInstalled, _not_installed),
    (LetterConflict, conflict),
    (ReviewConflict, conflict),
    (ReviewRefused, value_refused),
    (LetterRefused, value_refused),
    (NoCustomerModel, _no_customer_model),
)
