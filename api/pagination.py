"""Cursor pages: the next page starts where the last one ended, so no page counts or skips rows."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Container
from math import isfinite, nan
from typing import Any

from django.db.models import Model, Q, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from api.problems import Fault, Refused, pointer

DEFAULT_SIZE = 50
MAX_SIZE = 200
PARAMETERS = ("cursor", "limit")
MOST_NAMED = 20  # parameters in one answer
CURSOR = re.compile(r"[A-Za-z0-9_-]{1,100}")  # the decoder itself passes over what is of no alphabet
DOCUMENTED = [
    OpenApiParameter("cursor", str, description="`next_cursor` of the page before."),
    OpenApiParameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": MAX_SIZE, "default": DEFAULT_SIZE}
    ),
]


class Page(serializers.Serializer):
    """Members that every page has beside its `results`."""

    next = serializers.URLField(allow_null=True, help_text="Address of the next page; null on the last one.")
    next_cursor = serializers.CharField(allow_null=True)


def page(request: Request, queryset: QuerySet, shown: Callable[[Model], dict[str, Any]]) -> dict[str, Any]:
    """One page of a queryset, newest (largest id) first: {results, next, next_cursor}."""
    _refuse_without_filters(request)
    size = _size(request.query_params.get("limit"))
    cursor = request.query_params.get("cursor")
    if cursor:
        queryset = queryset.filter(pk__lt=_id_of(cursor))
    rows = list(queryset.order_by("-pk")[: size + 1])
    more = len(rows) > size
    following = _cursor_of(rows[size - 1].pk) if more else None
    return {
        "results": [shown(row) for row in rows[:size]],
        "next": _address(request, following) if following else None,
        "next_cursor": following,
    }


def ranked_page(
    request: Request, queryset: QuerySet, rank: str, shown: Callable[[Model], dict[str, Any]]
) -> dict[str, Any]:
    """One page in descending order of a number column, then of id: an index of both serves every page."""
    size = _size(request.query_params.get("limit"))
    cursor = request.query_params.get("cursor")
    if cursor:
        value, key = _rank_of(cursor)
        behind = Q(**{f"{rank}__lt": value}) | Q(pk__lt=key)
        queryset = queryset.filter(behind, **{f"{rank}__lte": value})
    rows = list(queryset.order_by(f"-{rank}", "-pk")[: size + 1])
    last = rows[size - 1] if len(rows) > size else None
    following = _encoded(f"{getattr(last, rank)!r}:{last.pk}") if last else None
    return {
        "results": [shown(row) for row in rows[:size]],
        "next": _address(request, following) if following else None,
        "next_cursor": following,
    }


def refuse_unknown(request: Request, known: Container[str]) -> None:
    """Raises Refused naming each parameter of the query that is not known here, or is given twice."""
    query = request.query_params
    faults = [
        Fault(pointer(name[:60]), "unknown_filter", "is not a filter of this list")
        for name in query
        if name not in known
    ]
    faults += [
        Fault(pointer(name), "repeated", "is given more than once")
        for name in query
        if name in known and len(query.getlist(name)) > 1
    ]
    if faults:
        raise Refused(faults[:MOST_NAMED])


def _refuse_without_filters(request: Request) -> None:
    """A list that has filters has looked at the query already, see api.filters."""
    if not getattr(request, "has_filters", False):
        refuse_unknown(request, PARAMETERS)


def _rank_of(cursor: str) -> tuple[float, int]:
    value, _, key = _decoded(cursor).partition(":")
    try:
        number = float(value)
    except ValueError:
        number = nan
    if not isfinite(number) or not key.isdigit() or len(key) > 18:
        raise Refused([Fault("/cursor", "invalid", "is not a cursor of this list")])
    return number, int(key)


def _size(text: str | None) -> int:
    if text is None:
        return DEFAULT_SIZE
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MAX_SIZE):
        raise Refused([Fault("/limit", "out_of_range", f"must be a whole number from 1 to {MAX_SIZE}")])
    return int(text)


def _cursor_of(key: int) -> str:
    return _encoded(str(key))


def _encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(cursor: str) -> str:
    if not CURSOR.fullmatch(cursor):
        return ""
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        return ""


def _id_of(cursor: str) -> int:
    text = _decoded(cursor)
    if not text.isdigit() or len(text) > 18:
        raise Refused([Fault("/cursor", "invalid", "is not a cursor of this list")])
    return int(text)


def _address(request: Request, cursor: str) -> str:
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
