"""Which column, or which columns together, say when it happened, and how they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from ml.history import names
from ml.history.mapping import TimeMapping
from ml.history.profile import Profile

_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?(\s*[apAP]\.?[mM]\.?)?")
_EPOCH = ((1e8, 4.2e9), (1e11, 4.2e12), (1e14, 4.2e15))  # seconds, milliseconds, microseconds
_PARTS = ("year", "month", "day", "hour", "minute", "second")
_STEPS = 5  # the last rank of names.TIME: units nobody knows


def find_time(profiles: Mapping[str, Profile], taken: set[str]) -> tuple[TimeMapping, str] | None:
    """How the time is read, and why; None when no column can be it."""
    free = {name: column for name, column in profiles.items() if name not in taken}
    ranked = []
    for place, (name, column) in enumerate(free.items()):
        if (found := _read_as(column)) is None or names.NOT_THE_TIME.search(names.words(name)):
            continue
        rank = names.rank(name, names.TIME)
        if rank is None and found.kind not in ("absolute", "dayfirst"):
            continue  # a number is a time only by name
        ranked.append(
            (_STEPS + 2 if rank is None else rank, found.kind in ("hours", "ordinal"), place, found)
        )
    parts = _parts(free)
    if ranked:
        best = min(ranked, key=lambda one: one[:3])
        if not parts or best[0] < _STEPS:
            return _with_clock(best[3], free)
    return parts


def _read_as(column: Profile) -> TimeMapping | None:
    if len(column.present) < 0.95 * len(column) or column.distinct < 2:
        return None
    if column.date_share > 0.95:
        if column.share(_CLOCK) > 0.5:
            return None
        return TimeMapping((column.name,), "dayfirst" if column.dayfirst else "absolute")
    if column.number_share < 0.98:
        return None
    return _number_as(column)


def _number_as(column: Profile) -> TimeMapping | None:
    """Seconds since 1970, a compact date, or an offset whose unit the name says."""
    low, high, plain = np.nanmin(column.numbers), np.nanmax(column.numbers), names.squashed(column.name)
    if low < 0:
        return None
    spreadsheet = low >= 20_000 and high < 80_000 and re.search("date|datum|fecha", plain)
    if any(least <= low and high <= most for least, most in _EPOCH) or _compact(column) or spreadsheet:
        return TimeMapping((column.name,), "absolute")
    if re.search(r"hour|^(time)?step$", plain) and column.is_whole:
        return TimeMapping((column.name,), "hours")
    if re.search(r"day|week|month|quarter|period", plain):
        return TimeMapping((column.name,), "ordinal") if _is_a_sequence(column) else None
    return TimeMapping((column.name,), "seconds") if high > 1_000 else None


def _compact(column: Profile) -> bool:
    """20230131, or with the time of day behind it."""
    judged = column.present[:500]
    return bool(judged) and all(
        re.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])(\d{4}|\d{6})?", text) for text in judged
    )


def _is_a_sequence(column: Profile) -> bool:
    """Whole numbers that count on, rather than months of any year: from 0, beyond a year's, or in order."""
    if not column.is_whole:
        return False
    ordered = float(np.mean(np.diff(column.numbers) >= 0)) if len(column) > 1 else 0.0
    return bool(np.nanmin(column.numbers) == 0 or np.nanmax(column.numbers) > 53 or ordered > 0.95)


def _with_clock(time: TimeMapping, free: Mapping[str, Profile]) -> tuple[TimeMapping, str]:
    """A date without a clock takes the clock that stands in a column of its own."""
    date = free[time.columns[0]]
    if time.kind in ("absolute", "dayfirst") and not any(":" in text for text in date.present[:50]):
        for name, column in free.items():
            clock = column.share(_CLOCK) > 0.95 and re.search(
                r"time|hour|clock|hms|zeit|hora|heure|ora$", names.squashed(name)
            )
            if clock and name not in time.columns:
                return TimeMapping((*time.columns, name), time.kind), "date and time of day of the event"
    return time, _why(time)


def _parts(free: Mapping[str, Profile]) -> tuple[TimeMapping, str] | None:
    """Year, month, day... in columns of their own; a year is needed, and a month."""
    found: dict[str, str] = {}
    for name, column in free.items():
        spoken = names.words(name)
        for part in _PARTS:
            if spoken in (part, f"{part}s", f"tx {part}", f"trans {part}", f"transaction {part}") and (
                column.is_whole or part == "month"
            ):
                found.setdefault(part, name)
    year = free.get(found.get("year", ""))
    if (
        year is None
        or "month" not in found
        or np.nanmin(year.numbers) < 1900
        or np.nanmax(year.numbers) > 2200
    ):
        return None
    columns = [found[part] for part in _PARTS if part in found]
    clock = [name for name, column in free.items() if "hour" not in found and column.share(_CLOCK) > 0.95]
    return TimeMapping((*columns, *clock[:1]), "absolute"), "the time of the event, in several columns"


def _why(time: TimeMapping) -> str:
    told = {
        "absolute": "the time of the event",
        "dayfirst": "the time of the event, the day before the month",
        "seconds": "seconds from an unknown start",
        "hours": "hours from an unknown start",
        "ordinal": "steps whose length is unknown: one counts as one day",
    }
    return told[time.kind]
