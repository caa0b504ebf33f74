"""Feature values as people say them: `Events of this sender in the last 1 hour: 14; usual 2`."""

from __future__ import annotations

import math
from collections.abc import Callable

from ml.features.spec import Feature

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SCALES = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))


def phrase(feature: Feature, value: float, baseline: float | None) -> str:
    """The feature's meaning, its value, and the usual one; NaN is said as "not known"."""
    said = f"{feature.meaning.rstrip('.')}: {shown(feature, value)}"
    if baseline is None or math.isnan(baseline):
        return said
    return f"{said}; usual {shown(feature, baseline)}"


def shown(feature: Feature, value: float) -> str:
    """One value in its unit."""
    if math.isnan(value):
        return "not known"
    if feature.kind == "bool":
        return "yes" if value else "no"
    return _UNITS.get(feature.unit, _plain)(value)


def _plain(value: float) -> str:
    """Up to four significant digits, whole numbers as they are."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _money(value: float) -> str:
    return f"{value:,.2f}"


def _seconds(value: float) -> str:
    size, unit = next(((size, unit) for size, unit in _SCALES if abs(value) >= size), _SCALES[-1])
    return f"{_plain(round(value / size, 1))} {unit}"


def _share(value: float) -> str:
    return f"{_plain(round(100.0 * value, 1))}%"


def _ratio(value: float) -> str:
    return f"{_plain(round(value, 2))} times"


def _suffixed(unit: str) -> Callable[[float], str]:
    return lambda value: f"{_plain(round(value, 1))} {unit}"


_UNITS: dict[str, Callable[[float], str]] = {
    "money": _money,
    "seconds": _seconds,
    "days": _suffixed("days"),
    "hours": _suffixed("h"),
    "hour": lambda value: f"{int(value):02d}:00",
    "km": _suffixed("km"),
    "km/h": _suffixed("km/h"),
    "share": _share,
    "ratio": _ratio,
    "day": lambda value: _DAYS[int(value) % 7],
}
