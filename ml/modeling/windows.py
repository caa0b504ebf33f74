"""Explicit windows of time to train and test on; an end is exclusive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ml.features.durations import DAY, HOUR, SECOND
from ml.history.history import History
from ml.modeling.errors import TrainingRefused

_UNITS = {"seconds": SECOND, "hours": HOUR, "ordinal": DAY}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Windows:
    """Microseconds since 1970; None where the history decides."""

    train_from: int | None = None
    train_until: int | None = None
    test_from: int | None = None
    test_until: int | None = None

    @property
    def given(self) -> bool:
        return any(bound is not None for bound in vars(self).values())


def windows_of(history: History, **texts: str | None) -> Windows:
    """Windows from texts (train_from, train_until, test_from, test_until); raises TrainingRefused."""
    return Windows(**{name: bound_of(history, text) for name, text in texts.items()})


def bound_of(history: History, text: str | None) -> int | None:
    """A date, a moment (UTC unless it says otherwise), or the number the history's own time counts in."""
    if text is None or history.times is None:
        return None if text is None else _refuse(f"history {history.name} has no time to cut at {text}")
    told = dict(history.mapping).get("time")
    unit = _UNITS.get(told.get("kind", "")) if isinstance(told, dict) else None
    if unit is not None and (number := _number(text)) is not None:
        start = told.get("start")
        return _micros(_moment(start) if start else _default_start()) + round(number * unit)
    return _micros(_moment(text))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        _refuse(f"'{text}' is not a date or time like 2026-01-31 or 2026-01-31T00:00:00Z")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _default_start() -> datetime:
    from ml.history.mapping import START

    return START


def _micros(moment: datetime) -> int:
    difference = moment - _EPOCH
    return (difference.days * 86_400 + difference.seconds) * SECOND + difference.microseconds


def _refuse(detail: str) -> None:
    raise TrainingRefused(detail)
