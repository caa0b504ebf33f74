"""What Django, Django REST framework and the database raise."""

import math
from collections.abc import Iterator
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelRefused
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from api import problems
from api.errors.answering import Answer, forbidden, not_found
from api.problems import Fault, pointer

log = structlog.get_logger(__name__)
DATABASE_RETRY_SECONDS = 5


def _problem(request: HttpRequest, error: problems.ProblemError) -> HttpResponse:
    return problems.respond(
        request, error.status_code, error.sentence, faults=error.faults, headers=error.headers
    )


def _model_refused(request: HttpRequest, error: ModelRefused) -> HttpResponse:
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    faults = [
        Fault(pointer(field) if field else "", "invalid", told)
        for field, messages in by_field.items()
        for told in messages
    ]
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


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


def _framework(request: HttpRequest, error: exceptions.APIException) -> HttpResponse:
    headers = {"WWW-Authenticate": error.auth_header} if getattr(error, "auth_header", None) else None
    detail = error.detail
    sentence = str(detail.get("detail", "")) if isinstance(detail, dict) else str(detail)
    return problems.respond(request, error.status_code, sentence, headers=headers)


def _too_large(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(request, 413, "The body is larger than this server accepts.")


def suspicious(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(request, 400, "The request cannot be understood.")


ANSWERS: tuple[Answer, ...] = (
    (problems.ProblemError, _problem),
    (ModelRefused, _model_refused),
    (exceptions.ValidationError, _invalid),
    (exceptions.Throttled, _throttled),
    (exceptions.APIException, _framework),
    ((OperationalError, InterfaceError), _unavailable),
    (Http404, not_found),
    (PermissionDenied, forbidden),
    (RequestDataTooBig, _too_large),
    (SuspiciousOperation, suspicious),
)
