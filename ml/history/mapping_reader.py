"""Reading a mapping from JSON: every key is checked, and refused by name."""

from __future__ import annotations

import codecs
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ml.history.errors import MappingRefused, meant
from ml.history.mapping import (
    DELIMITERS,
    KEYS,
    KINDS,
    LONGEST_DELAY,
    START,
    Column,
    HistoryMapping,
    LabelMapping,
    ReadMapping,
    TimeMapping,
    check_names,
)

_LABEL_KEYS = ("column", "fraud", "legitimate", "unknown", "delay_days", "time_column")
_READ_KEYS = ("delimiter", "header", "encoding", "quote", "decimal", "missing")


def read_mapping(told: Any) -> HistoryMapping:
    """Raises MappingRefused."""
    if not isinstance(told, Mapping):
        raise MappingRefused("", f"a mapping is a JSON object, not {_kind(told)}")
    check_names(told, KEYS, "")
    read = {key: reader(key, told[key]) for key, reader in _READERS.items() if told.get(key) is not None}
    mapping = HistoryMapping(**read)
    _check_uses(mapping)
    return mapping


def _check_uses(mapping: HistoryMapping) -> None:
    lists = {name: getattr(mapping, name) or () for name in ("numeric", "categorical", "ignore")}
    for first, second in (("numeric", "categorical"), ("numeric", "ignore"), ("categorical", "ignore")):
        for column in lists[first]:
            if column in lists[second]:
                raise MappingRefused(second, f"'{column}' stands in {first} too; keep one of them")
    for name in ("numeric", "categorical"):
        for column in lists[name]:
            if mapping.label and column == mapping.label.column:
                raise MappingRefused(name, f"'{column}' is the label: it cannot be a feature as well")
            if mapping.label and column == mapping.label.time_column:
                raise MappingRefused(name, f"'{column}' is known only with the label: it cannot be a feature")
            if column == mapping.weight:
                raise MappingRefused(name, f"'{column}' is the weight: it cannot be a feature as well")


def _column(key: str, value: Any) -> Column:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise MappingRefused(key, f"must be the name of a column, not {_kind(value)}")
    if isinstance(value, str) and not value.strip():
        raise MappingRefused(key, "is empty; name a column or leave the key out")
    return value


def _columns(key: str, value: Any) -> tuple[Column, ...]:
    """One column or a list of them, none twice."""
    values = value if isinstance(value, list | tuple) else [value]
    found = tuple(
        _column(f"{key}[{number}]" if values is value else key, one) for number, one in enumerate(values)
    )
    for one in found:
        if found.count(one) > 1:
            raise MappingRefused(key, f"'{one}' stands twice")
    return found


def _listed(key: str, value: Any) -> tuple[Column, ...]:
    if not isinstance(value, list | tuple):
        raise MappingRefused(key, f"must be a list of columns, not {_kind(value)}")
    return _columns(key, value)


def _object(key: str, value: Any, known: tuple[str, ...], required: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise MappingRefused(key, f"must be an object with {', '.join(known)}, not {_kind(value)}")
    check_names(value, known, key)
    given = {name: one for name, one in value.items() if one is not None}
    for name in required:
        if name not in given:
            raise MappingRefused(f"{key}.{name}", "is required")
    return given


def _time(key: str, value: Any) -> TimeMapping:
    if isinstance(value, str | int | list) and not isinstance(value, bool):
        value = {"column": value}
    given = _object(key, value, ("column", "kind", "start"), ("column",))
    columns = _columns("time.column", given["column"])
    if not columns:
        raise MappingRefused("time.column", "is empty; name a column or leave time out")
    kind = given.get("kind", "absolute")
    if kind not in KINDS:
        raise MappingRefused("time.kind", f"'{kind}' is not one of {', '.join(KINDS)}{meant(kind, KINDS)}")
    if len(columns) > 1 and kind not in ("absolute", "dayfirst"):
        raise MappingRefused("time.column", f"a time of kind {kind} is one column, not {len(columns)}")
    if "start" in given and kind not in ("seconds", "hours", "ordinal"):
        raise MappingRefused("time.start", f"only offsets have a start; the kind is {kind}")
    return TimeMapping(columns, kind, _moment("time.start", given["start"]) if "start" in given else START)


def _moment(key: str, value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        detail = f"'{value}' is not an ISO 8601 time like 2026-01-31T00:00:00Z"
        raise MappingRefused(key, detail) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not 1970 <= moment.year <= 2200:
        raise MappingRefused(key, "must lie between the years 1970 and 2200")
    return moment


def _location(key: str, value: Any) -> tuple[Column, Column]:
    names = ("latitude", "longitude")
    given = _object(key, value, names, names)
    return tuple(_column(f"{key}.{name}", given[name]) for name in names)


def _label(key: str, value: Any) -> LabelMapping:
    if isinstance(value, str | int) and not isinstance(value, bool):
        value = {"column": value}
    given = _object(key, value, _LABEL_KEYS, ("column",))
    values = {name: _values(f"label.{name}", given[name]) for name in _LABEL_KEYS[1:4] if name in given}
    for first, second in (("fraud", "legitimate"), ("fraud", "unknown"), ("legitimate", "unknown")):
        if both := set(values.get(first, ())) & set(values.get(second, ())):
            raise MappingRefused(f"label.{second}", f"'{min(both)}' stands in {first} too")
    if "delay_days" in given:
        values["delay_days"] = _delay("label.delay_days", given["delay_days"])
    if "time_column" in given:
        values["time_column"] = _column("label.time_column", given["time_column"])
    return LabelMapping(column=_column("label.column", given["column"]), **values)


def _values(key: str, value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list | tuple) else [value]
    for one in values:
        if not isinstance(one, str | int | float):
            raise MappingRefused(key, f"holds {_kind(one)}; list the values as they stand in the column")
    if not values:
        raise MappingRefused(key, "is an empty list; name at least one value or leave the key out")
    return tuple(str(one) for one in values)


def _delay(key: str, value: Any) -> float:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if not 0 <= number <= LONGEST_DELAY:
        raise MappingRefused(key, f"must be a number of days from 0 to {LONGEST_DELAY:,}, not {value!r}")
    return float(number)


def _read(key: str, value: Any) -> ReadMapping:
    given = _object(key, value, _READ_KEYS, ())
    if given.get("delimiter", ",") not in DELIMITERS:
        shown = ", ".join(map(repr, DELIMITERS))
        raise MappingRefused("read.delimiter", f"{given['delimiter']!r} is not one of {shown}")
    if not isinstance(given.get("header", True), bool):
        raise MappingRefused("read.header", "must be true or false")
    for name, choices in (("quote", ('"', "'")), ("decimal", (".", ","))):
        if given.get(name, choices[0]) not in choices:
            raise MappingRefused(
                f"read.{name}", f"{given[name]!r} is not one of {choices[0]} and {choices[1]}"
            )
    if "encoding" in given:
        given["encoding"] = _encoding("read.encoding", given["encoding"])
    if "missing" in given:
        given["missing"] = _values("read.missing", given["missing"])
    return ReadMapping(**given)


def _encoding(key: str, value: Any) -> str:
    try:
        if "".encode(value) is not None:  # not every codec is one of text
            return codecs.lookup(value).name
    except (LookupError, TypeError, ValueError):
        pass
    raise MappingRefused(key, f"{value!r} is not an encoding; try utf-8, cp1252 or utf-16")


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", bool: "true or false", str: "text", type(None): "null"}
    return kinds.get(type(value), "a number")


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "id": _column,
    "time": _time,
    "entity": _columns,
    "counterparty": _columns,
    "device": _columns,
    "amount": _column,
    "location": _location,
    "label": _label,
    "weight": _column,
    "numeric": _listed,
    "categorical": _listed,
    "ignore": _listed,
    "read": _read,
}
