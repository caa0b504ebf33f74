"""Writing calls to the database, and removing old ones."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import F, Q, QuerySet

from logs.models import ApiCall
from logs.services.calls.row import COLUMNS, Call, line_of

COPY = f"copy {ApiCall._meta.db_table} ({', '.join(COLUMNS)}) from stdin"
DELETED_AT_ONCE = 10_000


def write(calls: Sequence[Call]) -> None:
    """Append calls in one statement."""
    lines = io.StringIO("".join(map(line_of, calls)))
    with connection.cursor() as cursor:
        cursor.copy_expert(COPY, lines)


def purge_calls(before: datetime) -> int:
    """Delete the calls older than `before`, some at a time; returns how many."""
    return _deleted_by_age(ApiCall.objects.all(), before)


def _deleted_by_age(rows: QuerySet, before: datetime) -> int:
    total = 0
    old = rows.filter(at__lt=before).order_by("id").values_list("pk", flat=True)[:DELETED_AT_ONCE]
    while keys := list(old.all()):
        total += rows.filter(pk__in=keys).delete()[0]
    return total


def forget_values(values: Iterable[str]) -> int:
    """For an erasure: take bodies and path of the calls that hold one of these texts; returns how many."""
    wanted = Q()
    for value in filter(None, values):
        for column in ("request_body", "response_body", "path"):
            wanted |= Q(**{f"{column}__contains": value})
    if not wanted:
        return 0
    return ApiCall.objects.filter(wanted).update(request_body=None, response_body=None, path=F("route"))
