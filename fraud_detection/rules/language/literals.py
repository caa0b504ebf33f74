"""Literal times and durations, as microseconds."""

import datetime as dt
import re

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DURATION = re.compile(r"-?(\d+(\.\d+)?(h|ms|m|s|us))+", re.ASCII)
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|us)", re.ASCII)
_MICROSECONDS = {"h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000, "ms": 1_000, "us": 1}
_LONGEST = 100 * 366 * 24 * 3_600_000_000


def timestamp_microseconds(text: str) -> int:
    """Microseconds since 1970 of an RFC 3339 time; ValueError when it is not one."""
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError("a timestamp is written like 2026-01-31T08:00:00Z")
    try:
        return (dt.datetime.fromisoformat(text) - _EPOCH) // dt.timedelta(microseconds=1)
    except (ValueError, OverflowError):
        raise ValueError("this date or time does not exist") from None


def duration_microseconds(text: str) -> int:
    """Microseconds of a duration like 1h30m, at most a hundred years; ValueError when it is not one."""
    if not _DURATION.fullmatch(text):
        raise ValueError("a duration is written like 24h, 90m, 1h30m or 15s")
    amount = sum(float(number) * _MICROSECONDS[unit] for number, unit in _AMOUNT.findall(text))
    if amount > _LONGEST:
        raise ValueError("this duration is longer than a hundred years")
    return round(-amount if text.startswith("-") else amount)
