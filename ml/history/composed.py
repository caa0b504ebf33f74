"""A time that stands in several columns: date and clock; year, month, day, hour."""

from __future__ import annotations

import re
from collections.abc import Sequence

PARTS = ("year", "month", "day", "hour", "minute", "second")
_NAMES = {
    "year": r"year|yr|yyyy|y",
    "month": r"month|mon|mm",
    "day": r"day|dom|dd|d|dayofmonth|date",
    "hour": r"hour|hr|hh|h|hours|hourofday",
    "minute": r"minute|min|mi|minutes",
    "second": r"second|sec|ss|s|seconds",
}
_WHOLE = re.compile(r"(\d{1,4})(?:\.0+)?")


def plan(names: Sequence[str], columns: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """What each column says: one of PARTS, or text (a date, a clock). Judged by name, then by values."""
    said = []
    for name, values in zip(names, columns, strict=True):
        said.append(_part(name, [value.strip() for value in values[:1_000] if value.strip()]))
    if "year" not in said and all(one in ("text", "number") for one in said):
        said = _by_place(said)
    free = iter(part for part in PARTS if part not in said)
    return tuple(next(free, "text") if one == "number" and "year" in said else one for one in said)


def joined(said: Sequence[str], columns: Sequence[Sequence[str]]) -> list[str]:
    """One text per row that MomentReader reads."""
    if "year" not in said:
        clocks = [_clock_texts(one, column) for one, column in zip(said, columns, strict=True)]
        return [" ".join(filter(None, row)) for row in zip(*clocks, strict=True)]
    return [_row(said, values) for values in zip(*columns, strict=True)]


def _part(name: str, values: list[str]) -> str:
    whole = [found for value in values if (found := _WHOLE.fullmatch(value))]
    if not values or len(whole) < len(values):
        named = next((p for p in ("month",) if _is_named(name, p)), None)
        return named or "text"
    numbers = [int(found[1]) for found in whole]
    if all(1900 <= number <= 2200 for number in numbers) and not _is_named(name, "hour"):
        return "year"
    for part in PARTS[1:]:
        if _is_named(name, part) and (part not in ("minute", "second") or max(numbers) < 60):
            return part if max(numbers) < 60 else "text"
    return "number" if max(numbers) < 60 else "text"


def _is_named(name: str, part: str) -> bool:
    words = re.split(r"[^a-z]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower())
    return any(re.fullmatch(_NAMES[part], word) for word in words if word)


def _by_place(said: list[str]) -> list[str]:
    """A date in text and a number beside it: the number is the hour."""
    if said.count("number") == 1 and "text" in said:
        return ["hour" if one == "number" else one for one in said]
    return said


def _row(said: Sequence[str], values: Sequence[str]) -> str:
    parts = {one: value.strip().removesuffix(".0") for one, value in zip(said, values, strict=True)}
    day = "-".join(filter(None, (parts["year"], parts.get("month", ""), parts.get("day", ""))))
    if len(day) == 4:
        day += "-1"
    if "hour" in parts:
        clock = f"{parts['hour']}:{parts.get('minute', '0'):0>2}:{parts.get('second', '0'):0>2}"
        return f"{day} {clock}"
    return f"{day} {_clock(parts['text'])}".rstrip() if "text" in parts else day


def _clock_texts(said: str, column: Sequence[str]) -> list[str]:
    if said == "hour":
        return [f"{value.strip().removesuffix('.0')}:00" if value.strip() else "" for value in column]
    return [_clock(value) for value in column]


def _clock(text: str) -> str:
    """A clock without a colon gets one: 930, 0930, 093015."""
    text = text.strip()
    if not re.fullmatch(r"\d{3,4}|\d{6}", text) or (len(text) == 6 and "1900" <= text[:4] <= "2200"):
        return text
    padded = text.zfill(4)
    return ":".join(padded[place : place + 2] for place in range(0, len(padded), 2))
