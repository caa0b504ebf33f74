"""Points in time as people write them, as microseconds since 1970."""

from __future__ import annotations

import re
from datetime import date

from ml.features.durations import DAY, HOUR, SECOND

MINUTE = 60 * SECOND
_MOST_REMEMBERED = 200_000
_EPOCH = date(1970, 1, 1).toordinal()
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_WEEKDAY = re.compile(r"^(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?[, ]+", re.I)
_CLOCK = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2}|[+-]\d{2})?$",
    re.I,
)
_SEPARATOR = r"\s*[-/. ,]\s*"
_YEAR = r"(?P<y>\d{4}|\d{2})"
_NAME = r"(?P<name>[a-z]{3,9})"
_DATES = tuple(
    re.compile(f"^{pattern}$", re.I)
    for pattern in (
        rf"(?P<y>\d{{4}}){_SEPARATOR}(?P<m>\d{{1,2}})(?:{_SEPARATOR}(?P<d>\d{{1,2}}))?",
        rf"(?P<a>\d{{1,2}})(?P<mark>{_SEPARATOR})(?P<b>\d{{1,2}}){_SEPARATOR}{_YEAR}",
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?{_SEPARATOR}{_NAME}{_SEPARATOR}{_YEAR}",
        rf"{_NAME}\.?{_SEPARATOR}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?{_SEPARATOR}{_YEAR}",
        rf"(?P<y>\d{{4}}){_SEPARATOR}{_NAME}(?:{_SEPARATOR}(?P<d>\d{{1,2}}))?",
        rf"{_NAME}\.?{_SEPARATOR}{_YEAR}",
        r"(?P<d>\d{2})(?P<name>[a-z]{3})(?P<y>\d{4}|\d{2})",
        r"(?P<a>\d{1,2})(?P<mark>/)(?P<y>\d{4})",
    )
)
_DIGITS = re.compile(r"(\d{4,19})(?:\.(\d+))?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_EPOCH_UNITS = {9: SECOND, 10: SECOND, 12: 1_000, 13: 1_000, 15: 1, 16: 1}


class MomentReader:
    """Reads texts as (microseconds since 1970 UTC, hour as written); without an offset they are UTC.

    `dayfirst` says how 03/04/2023 is meant; with dots the day always stands first.

    >>> MomentReader(dayfirst=True).read("03/04/2023 10:30") == MomentReader().read("2023-04-03T10:30Z")
    True
    """

    def __init__(self, dayfirst: bool = False):
        self.dayfirst = dayfirst
        self._days: dict[str, int] = {}
        self._clocks: dict[str, tuple[int, int]] = {}

    def read(self, text: str) -> tuple[int, int]:
        """Raises ValueError saying what is wrong."""
        day, _, clock = text.partition("T" if text[10:11] == "T" else " ")
        try:
            offset, hour = self._clocks[clock]
            return self._days[day] * DAY + offset, hour
        except KeyError:
            return self._slowly(text.strip())

    def _slowly(self, text: str) -> tuple[int, int]:
        if (digits := _DIGITS.fullmatch(text)) and (found := _of_digits(*digits.groups())) is not None:
            return found, found % DAY // HOUR
        clock = _CLOCK.search(text)
        written = text[clock.start() :] if clock else ""
        day = text[: clock.start()] if clock else text
        offset, hour = _of_clock(clock, text) if clock else (0, 0)
        day = day[:-1] if day[10:] == "T" else day
        days = self._days.get(day.strip())
        if days is None:
            days = _days(_WEEKDAY.sub("", day).strip(" ,:"), text, self.dayfirst)
        if len(self._days) + len(self._clocks) < _MOST_REMEMBERED:
            self._days[day.strip()] = days
            self._clocks[written] = (offset, hour)
        return days * DAY + offset, hour


def _of_clock(clock: re.Match, text: str) -> tuple[int, int]:
    hour, minute, second = int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0)
    if half := clock["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f"'{text[:40]}' has no hour {hour} before or after noon")
        hour = hour % 12 + 12 * (half[0] in "pP")
    if hour > 23 or minute > 59 or second > 60:
        raise ValueError(f"'{text[:40]}' has no time of day")
    part = int((clock["part"] or "").ljust(6, "0")[:6] or 0)
    offset = hour * HOUR + minute * MINUTE + second * SECOND + part
    return offset - _zone(clock["zone"]), hour


def _zone(zone: str | None) -> int:
    if not zone or zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = int(digits[:2]) * HOUR + int(digits[2:]) * MINUTE
    return -offset if zone[0] == "-" else offset


def _days(day: str, text: str, dayfirst: bool) -> int:
    for pattern in _DATES:
        if found := pattern.match(day):
            parts = found.groupdict()
            break
    else:
        digits = re.fullmatch(r"\d{6}|\d{8}", day)
        if not digits:
            offset = "; is the kind seconds, hours or ordinal?" if _NUMBER.fullmatch(text) else ""
            raise ValueError(f"'{text[:40]}' is not a time that can be read{offset}")
        parts = {"y": day[:4], "m": day[4:6], "d": day[6:] or None}
    year = int(parts["y"])
    if len(parts["y"]) == 2:
        year += 2000 if year < 70 else 1900
    month, number = _month_and_day(parts, text, dayfirst)
    try:
        return date(year, month, number).toordinal() - _EPOCH
    except ValueError:
        other = "dayfirst" if not dayfirst else "absolute"
        hint = f"; is the kind {other}?" if parts.get("b") else ""
        raise ValueError(f"'{text[:40]}' is no day of the calendar{hint}") from None


def _month_and_day(parts: dict[str, str | None], text: str, dayfirst: bool) -> tuple[int, int]:
    if name := parts.get("name"):
        month = _MONTHS.get(name[:3].lower())
        if month is None:
            raise ValueError(f"'{text[:40]}' names no month")
        return month, int(parts.get("d") or 1)
    if parts.get("a"):
        first, second = int(parts["a"]), int(parts.get("b") or 1)
        if not parts.get("b"):  # 03/2023
            return first, 1
        return (second, first) if dayfirst or "." in parts["mark"] else (first, second)
    return int(parts["m"]), int(parts.get("d") or 1)


def _of_digits(whole: str, part: str | None) -> int | None:
    """A year, 20230131, 20230131235959, an Excel day, or a count since 1970 by its length."""
    size = len(whole)
    if size == 4:
        return _of_date(whole + "0101") if 1900 <= int(whole) <= 2200 and not part else None
    if size == 5:
        return round((float(f"{whole}.{part or 0}") - 25_569) * DAY) if whole > "20000" else None
    if size in (6, 8, 12, 14) and not part and "1900" <= whole[:4] <= "2200":
        found = _of_date(whole)
        if found is not None:
            return found
    if size == 19:
        return int(whole) // 1_000
    unit = _EPOCH_UNITS.get(size)
    if unit is None:
        return None
    return int(whole) * unit + round(float(f"0.{part or 0}") * unit)


def _of_date(digits: str) -> int | None:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8] or 1))
        hour, minute, second = (int(digits[place : place + 2] or 0) for place in (8, 10, 12))
    except ValueError:
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    return (day.toordinal() - _EPOCH) * DAY + hour * HOUR + minute * MINUTE + second * SECOND
