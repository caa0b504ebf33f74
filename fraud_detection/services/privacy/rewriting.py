"""Changing many rows, each to values of its own, in one statement."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models
from psycopg2 import Binary

Change = Mapping[str, Any]  # attribute name of a column -> its new value


def rewrite(model: type[models.Model], changes: Sequence[tuple[int, Change]]) -> int:
    """Store changes of rows by their keys; all name the same columns. Returns how many rows there were."""
    if not changes:
        return 0
    fields = [model._meta.get_field(name) for name in changes[0][1]]
    kinds = [field.db_type(connection) for field in fields]
    places = [f"c{place}" for place in range(len(fields))]
    sets = [
        f'"{field.column}" = new.{place}::{kind}'
        for field, place, kind in zip(fields, places, kinds, strict=True)
    ]
    given = ["%s::bigint[]", *(f"%s::{_array(kind)}[]" for kind in kinds)]
    columns = [[_value(field, change[field.name]) for _, change in changes] for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f'update "{model._meta.db_table}" t set {", ".join(sets)}'  # names are the model's  # nosec B608
            f" from unnest({', '.join(given)}) as new ({', '.join(('id', *places))})"
            f' where t."{model._meta.pk.column}" = new.id',
            ([key for key, _ in changes], *columns),
        )
        return cursor.rowcount


def _array(kind: str) -> str:
    """Arrays of jsonb and inet go as text."""
    return "text" if kind in ("jsonb", "inet") else kind


def _value(field: models.Field, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(field, models.JSONField):
        return json.dumps(value)
    return Binary(value) if isinstance(field, models.BinaryField) else value
