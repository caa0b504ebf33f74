"""Pages of long lists by the values of the last row, never by an offset."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.db.models import Field, GeneratedField, Model, Q, QuerySet

SIZE = 50


@dataclass(frozen=True)
class Page:
    """Rows of one page; `after` is the cursor of the next page, empty on the last one."""

    rows: list[Any]
    after: str
    is_first: bool


def page(queryset: QuerySet, fields: Sequence[str], after: str, size: int = SIZE) -> Page:
    """The rows behind the cursor in descending order of `fields`, the last of which is unique.

    A cursor that cannot be read gives the first page: it comes from an address that people may edit.
    """
    ordered = queryset.order_by(*(f"-{field}" for field in fields))
    behind = _behind(queryset.model, fields, after)
    rows = list((ordered.filter(*behind) if behind else ordered)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, _cursor(rows[-1], fields) if more else "", behind is None)


def _cursor(row: Model, fields: Sequence[str]) -> str:
    return ":".join(str(getattr(row, field)) for field in fields)


def _behind(model: type[Model], fields: Sequence[str], after: str) -> tuple[Q, Q] | None:
    """Where an index may start, and which of its rows are behind the cursor."""
    texts = after.split(":")
    if len(texts) != len(fields):
        return None
    try:
        values = [_column(model, f).to_python(t) for f, t in zip(fields, texts, strict=True)]
    except (ValidationError, FieldError, OverflowError):
        return None
    if any(value is None or value != value or abs(value) >= 2**63 for value in values):
        return None
    behind, equal = Q(), Q()
    for field, value in zip(fields, values, strict=True):
        behind |= equal & Q(**{f"{field}__lt": value})
        equal &= Q(**{field: value})
    return Q(**{f"{fields[0]}__lte": values[0]}), behind


def _column(model: type[Model], name: str) -> Field:
    """A column that the database computes does not read texts itself."""
    field = model._meta.get_field(name)
    return field.output_field if isinstance(field, GeneratedField) else field
