"""Answers that several nouns share: a conflict, a refusal for you, one wrong value."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from api import problems
from api.problems import Fault, pointer

Kinds = type[Exception] | tuple[type[Exception], ...]
Answer = tuple[Kinds, Callable[[Any, Any], HttpResponse]]


def conflict(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(request, 409, str(error))


def forbidden(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(request, 403, str(error) or "This is not allowed for you.")


def not_found(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(request, 404, "There is nothing at this address.")


def unknown(request: HttpRequest, error: Exception) -> HttpResponse:
    """404 with the sentence of the error, which names what there is not."""
    return problems.respond(request, 404, str(error))


def value_refused(request: HttpRequest, error: Any) -> HttpResponse:
    """One wrong value: its `field` and `message` say what is wrong."""
    fault = Fault(pointer(error.field), "invalid", error.message)
    return problems.respond(request, 422, problems.summary([fault]), faults=[fault])


def field_refused(request: HttpRequest, error: Any) -> HttpResponse:
    """One wrong value: its `field` says which, its text what is wrong."""
    faults = [Fault(pointer(error.field), "invalid", str(error))]
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


def fields_refused(request: HttpRequest, error: Any) -> HttpResponse:
    """Several wrong values as (field, sentence); an empty field is the whole body."""
    faults = [
        Fault(pointer(*field.split("/")) if field else "", "invalid", told) for field, told in error.faults
    ]
    return problems.respond(request, 422, problems.summary(faults), faults=faults)


def whole_refused(request: HttpRequest, error: Exception) -> HttpResponse:
    """The body as a whole is not accepted."""
    return problems.respond(request, 422, str(error), faults=[Fault("", "invalid", str(error))])
