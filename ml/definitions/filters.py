"""The filter of a definition: comparisons of columns with constants, all of which must hold."""

import math
from collections.abc import Mapping
from typing import Any

from ml.definitions.event_fields import LARGEST, LONGEST, EventField
from ml.definitions.problems import Problems
from ml.definitions.vocabulary import Column
from ml.features.keys import country_code, entity_key
from ml.features.spec import Condition

MOST_CONDITIONS, MOST_VALUES = 5, 50
ORDERED = ("==", "!=", "<", "<=", ">", ">=", "in")
EXACT = ("==", "!=", "in")
COMPARISONS = {
    "money": ORDERED,
    "number": ORDERED,
    "flag": ("==",),
    "choice": EXACT,
    "country": EXACT,
    "key": EXACT,
    "text": EXACT,
}
Said = tuple[tuple[str, str, str], ...]


class _Wrong(ValueError):
    """A value that the column cannot have."""


def read_filter(
    problems: Problems, given: Any, columns: Mapping[str, Column]
) -> tuple[tuple[Condition, ...], Said]:
    """The conditions over stored columns, and as (column, comparison, value) in words."""
    if given in (None, ""):
        return (), ()
    if not isinstance(given, list) or len(given) > MOST_CONDITIONS:
        problems.add("filter", "wrong_type", f"must be a list of at most {MOST_CONDITIONS} conditions")
        return (), ()
    conditions, said = [], []
    for place, one in enumerate(given):
        found = _condition(problems, f"filter.{place}", one, columns)
        if found is not None:
            conditions.append(found)
            said.append((one["column"], one["is"], _shown(one["value"])))
    return tuple(conditions), tuple(said)


def _condition(problems: Problems, part: str, one: Any, columns: Mapping[str, Column]) -> Condition | None:
    if not isinstance(one, Mapping) or set(one) != {"column", "is", "value"}:
        problems.add(part, "wrong_type", "must be an object with column, is and value")
        return None
    usable = {name: column for name, column in columns.items() if _comparable(column)}
    name = problems.choice(f"{part}.column", one["column"], usable)
    if name is None:
        return None
    column = usable[name]
    comparison = problems.choice(f"{part}.is", one["is"], COMPARISONS[column.kind])
    if comparison is None:
        return None
    try:
        return (column.column, comparison, _value(column, comparison, one["value"]))
    except _Wrong as wrong:
        problems.add(f"{part}.value", "wrong_type", str(wrong))
        return None


def _comparable(column: Column) -> bool:
    return column.kind in COMPARISONS and not (column.kind == "key" and not column.of)


def _value(column: Column, comparison: str, given: Any) -> int | tuple[int, ...]:
    if comparison != "in":
        return _integer(column, given)
    if not isinstance(given, list) or not 0 < len(given) <= MOST_VALUES:
        raise _Wrong(f"in takes a list of 1 to {MOST_VALUES} values")
    return tuple(sorted({_integer(column, value) for value in given}))


def _integer(column: Column, given: Any) -> int:
    match column.kind:
        case "money" | "number":
            return _number(column, given)
        case "flag":
            if not isinstance(given, bool):
                raise _Wrong("must be true or false")
            return int(given)
        case "choice":
            if given not in column.choices:
                raise _Wrong(f"must be one of {', '.join(column.choices)}")
            return column.choices.index(given) + 1
    if not isinstance(given, str) or not given.strip() or len(given) > LONGEST or not given.isprintable():
        raise _Wrong(f"must be text of 1 to {LONGEST} characters")
    if column.kind == "country":
        try:
            return country_code(given)
        except ValueError:
            raise _Wrong("must be a two-letter country code") from None
    if column.kind == "text":
        return EventField("text", "text").integer(given)
    return entity_key(column.of, given)


def _number(column: Column, given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) <= LARGEST:
        raise _Wrong(f"must be a number, at most {LARGEST:,} either way")
    value = given * column.scale
    if not math.isclose(value, round(value), rel_tol=1e-12, abs_tol=1e-6):
        raise _Wrong(f"has more decimal places than this column keeps ({round(math.log10(column.scale))})")
    return round(value)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
