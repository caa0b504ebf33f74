"""What is raised anywhere below a view becomes a problem here, once.

`handler` serves Django REST framework; `bad_request` and `server_error` are the root handler400 and
handler500 for what fails before a view is reached.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults
from rest_framework import exceptions

from alerts.services import AlertConflict, DispositionRefused
from api import problems
from api.problems import Fault, pointer
from fraud_detection.services.customers.champion import NoCustomerModel
from fraud_detection.services.decisions import EventConflict, RecordRefused
from fraud_detection.services.model_stages import (
    FourEyesRefused,
    ModelConflict,
    PromotionRefused,
    StageRefused,
)
from fraud_detection.services.serving import EngineNotInstalled
from transactions.services.status import TransactionUnknown

log = structlog.get_logger(__name__)
DATABASE_RETRY_SECONDS = 5


def handler(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """Django REST framework's EXCEPTION_HANDLER; never returns None, so nothing becomes an HTML page."""
    request = context["request"]
    for kind, answer in ANSWERS:
        if isinstance(error, kind):
            return answer(request, error)
    log.error("request_failed", path=request.path, exc_info=error)
    return problems.respond(
        request, 500, "An unexpected error occurred; quote the request id when asking for help."
    )


def _problem(request: HttpRequest, error: problems.ProblemError) -> HttpResponse:
    return problems.respond(
        request, error.status_code, error.sentence, faults=error.faults, headers=error.headers
    )


def _record_refused(request: HttpRequest, error: RecordRefused) -> HttpResponse:
    faults = record_faults(error)
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


def record_faults(error: RecordRefused) -> list[Fault]:
    """The problems of a refused record as pointers into it."""
    return [
        Fault(pointer(item.field) if item.field else "", item.code, item.detail) for item in error.problems
    ]


def _conflict(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(request, 409, str(error))


def _unfit_model(request: HttpRequest, error: PromotionRefused) -> HttpResponse:
    return problems.respond(request, 422, str(error), faults=[Fault("", "cannot_serve", str(error))])


def _unknown_event(request: HttpRequest, error: TransactionUnknown) -> HttpResponse:
    return problems.respond(request, 404, str(error))


def _disposition_refused(request: HttpRequest, error: DispositionRefused) -> HttpResponse:
    fault = Fault(pointer(error.field), "invalid", error.message)
    return problems.respond(request, 422, problems.summary([fault]), faults=[fault])


def _invalid(request: HttpRequest, error: exceptions.ValidationError) -> HttpResponse:
    faults = list(_flattened(error.detail, ()))
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


def _flattened(detail: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _flattened(inner, path if name == "non_field_errors" else (*path, name))
    elif isinstance(detail, list) and any(isinstance(inner, (dict, list)) for inner in detail):
        for index, inner in enumerate(detail):
            yield from _flattened(inner, (*path, index))
    elif isinstance(detail, list):
        for inner in detail:
            yield Fault(pointer(*path), getattr(inner, "code", "invalid"), str(inner))
    else:
        yield Fault(pointer(*path), getattr(detail, "code", "invalid"), str(detail))


def _throttled(request: HttpRequest, error: exceptions.Throttled) -> HttpResponse:
    seconds = max(1, math.ceil(error.wait or 1))
    detail = f"Too many requests; try again in {seconds} s."
    return problems.respond(request, 429, detail, headers={"Retry-After": str(seconds)})


def _unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("database_unavailable", path=request.path, error=str(error))
    return problems.respond(
        request,
        503,
        f"The database cannot answer at the moment; try again in {DATABASE_RETRY_SECONDS} s.",
        headers={"Retry-After": str(DATABASE_RETRY_SECONDS)},
    )


def _not_installed(request: HttpRequest, error: EngineNotInstalled) -> HttpResponse:
    log.error("engine_not_installed", path=request.path, error=str(error))
    return problems.respond(
        request, 503, "This engine has not been set up yet.", headers={"Retry-After": "60"}
    )


def _no_customer_model(request: HttpRequest, error: NoCustomerModel) -> HttpResponse:
    log.error("customer_model_missing", path=request.path, error=str(error))
    detail = "No model of customers can predict at the moment."
    return problems.respond(request, 503, detail, headers={"Retry-After": "60"})


def _not_found(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(request, 404, "There is nothing at this address.")


def _forbidden(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(request, 403, str(error) or "This is not allowed for you.")


def _framework(request: HttpRequest, error: exceptions.APIException) -> HttpResponse:
    headers = {"WWW-Authenticate": error.auth_header} if getattr(error, "auth_header", None) else None
    detail = error.detail
    sentence = str(detail.get("detail", "")) if isinstance(detail, dict) else str(detail)
    return problems.respond(request, error.status_code, sentence, headers=headers)


def _too_large(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(request, 413, "The body is larger than this server accepts.")


def _suspicious(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(request, 400, "The request cannot be understood.")


ANSWERS: tuple[
    tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Any, Any], HttpResponse]], ...
] = (
    (problems.ProblemError, _problem),
    (RecordRefused, _record_refused),
    ((EventConflict, AlertConflict), _conflict),
    (FourEyesRefused, _forbidden),
    (PromotionRefused, _unfit_model),
    ((ModelConflict, StageRefused), _conflict),
    (TransactionUnknown, _unknown_event),
    (DispositionRefused, _disposition_refused),
    (exceptions.ValidationError, _invalid),
    (exceptions.Throttled, _throttled),
    (exceptions.APIException, _framework),
    ((OperationalError, InterfaceError), _unavailable),
    (EngineNotInstalled, _not_installed),
    (NoCustomerModel, _no_customer_model),
    (Http404, _not_found),
    (PermissionDenied, _forbidden),
    (RequestDataTooBig, _too_large),
    (SuspiciousOperation, _suspicious),
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: an unknown host, too many fields; a problem below /api/, Django's page elsewhere."""
    if request.path.startswith("/api/"):
        return _suspicious(request, exception)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: what failed outside of any view."""
    if request.path.startswith("/api/"):
        return problems.respond(request, 500, "An unexpected error occurred.")
    return defaults.server_error(request)
