"""List filters: a wrong value or an unknown filter is refused by name, never passed over."""

from datetime import UTC, datetime, timedelta

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from api.pagination import PARAMETERS, refuse_unknown
from api.problems import Fault, Refused, pointer

BOOLEANS = ("", "true", "false", "1", "0")
LARGEST_OFFSET = timedelta(hours=15)


class ListFilter(FilterSet):
    """Base of the filters of one list."""


class TextFilter(django_filters.CharFilter):
    """An exact text, as it was sent."""

    def __init__(self, **extra):
        super().__init__(strip=False, max_length=254, **extra)


def filtered(kind: type[ListFilter], request: Request, queryset: QuerySet) -> QuerySet:
    """The queryset under the filters of the query string; raises Refused naming each that is wrong."""
    query = request.query_params
    refuse_unknown(request, {*kind.base_filters, *PARAMETERS})
    request.has_filters = True
    filters = kind(data=query, queryset=queryset, request=request)
    if not filters.form.is_valid():
        raise Refused(
            [
                Fault(pointer(name), error.get("code") or "invalid", error["message"])
                for name, errors in filters.form.errors.get_json_data().items()
                for error in errors
            ]
        )
    _check_moments(filters.form.cleaned_data)
    _check_booleans(kind, query)
    return filters.qs


def _check_moments(values: dict) -> None:
    """A moment that the database could not write down is refused by name."""
    for name, value in values.items():
        if isinstance(value, datetime):
            try:
                value.astimezone(UTC)
                sound = abs(value.utcoffset() or timedelta()) <= LARGEST_OFFSET
            except OverflowError:
                sound = False
            if not sound:
                raise Refused([Fault(pointer(name), "invalid", "is not a moment of any time zone")])


def _check_booleans(kind: type[ListFilter], query: QueryDict) -> None:
    """django-filter takes what is neither true nor false for not given."""
    faults = [
        Fault(pointer(name), "invalid", "must be true or false")
        for name, item in kind.base_filters.items()
        if isinstance(item, django_filters.BooleanFilter) and query.get(name, "").lower() not in BOOLEANS
    ]
    if faults:
        raise Refused(faults)


def documented(kind: type[ListFilter]) -> list[OpenApiParameter]:
    """The filters of a list as query parameters of its schema."""
    return [
        OpenApiParameter(name, _shape(item), description=item.extra.get("help_text") or item._label or "")
        for name, item in kind.base_filters.items()
    ]


def _shape(item: django_filters.Filter) -> dict:
    if isinstance(item, django_filters.ChoiceFilter):
        return {"type": "string", "enum": [value for value, _ in item.extra["choices"]]}
    if isinstance(item, django_filters.NumberFilter):
        return {"type": "number"}
    if isinstance(item, django_filters.IsoDateTimeFilter):
        return {"type": "string", "format": "date-time"}
    if isinstance(item, django_filters.BooleanFilter):
        return {"type": "boolean"}
    return {"type": "string"}
