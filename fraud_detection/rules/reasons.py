"""Reason sentences: a template with {name}, {p.name} or {name:unit}, filled in by unit.

A part in [brackets] is left out when a value in it is absent.
"""

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping

from .missing import MISSING

PLACEHOLDER = re.compile(r"\{((?:p\.)?[A-Za-z_][A-Za-z0-9_]*)(?::([a-z/]+))?\}")
OPTIONAL = re.compile(r"\[([^][]*)\]")
NO_DATA = "no data"


def placeholders(template: str) -> list[tuple[str, str | None, int]]:
    """(name, unit written in the template, offset) of each placeholder; ValueError for a stray brace."""
    if re.search(r"[{}]", PLACEHOLDER.sub("", template)):
        raise ValueError("a placeholder is written {name}, {p.name} or {name:unit}")
    return [(match[1], match[2], match.start()) for match in PLACEHOLDER.finditer(template)]


def render_reason(template: str, values: Mapping[str, object], units: Mapping[str, str]) -> str:
    """The sentence with its values in it; a value that is absent reads 'no data'.

    `values` holds features by name and parameters as 'p.name'; a unit in the template wins over `units`.
    """

    def filled(match: re.Match) -> str:
        name, unit = match[1], match[2] or units.get(match[1], "")
        return format_value(values.get(name), unit)

    def kept(part: re.Match) -> str:
        needed = [name for name, _, _ in placeholders(part[1])]
        return "" if any(is_absent(values.get(name)) for name in needed) else part[1]

    return PLACEHOLDER.sub(filled, OPTIONAL.sub(kept, template))


def is_absent(value: object) -> bool:
    return value is None or value is MISSING or (isinstance(value, float) and math.isnan(value))


def format_value(value: object, unit: str = "") -> str:
    """One value as people read it: 1,234.56 (money), 5.1× (ratio), 95.3% (share), 3 min (seconds)."""
    if is_absent(value):
        return NO_DATA
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or unit == "flag":
        return "yes" if value else "no"
    return _FORMATS.get(unit, _plain)(float(value))


def _plain(value: float) -> str:
    """Thousands separated; an integer as such, else two decimals, and two digits when below 1."""
    if value == round(value) or abs(value) >= 1_000:
        return f"{round(value):,}"
    text = f"{value:.2g}" if abs(value) < 1 else f"{value:.2f}"
    return text if "e" in text else text.rstrip("0").rstrip(".")


def _count(value: float) -> str:
    """An integer; a mean count ('usual 2.4') keeps a decimal."""
    if value == round(value) or abs(value) >= 100:
        return f"{round(value):,}"
    return f"{value:.1f}".removesuffix(".0") if abs(value) >= 1 else _plain(value)


def _tenth(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


def _duration(seconds: float) -> str:
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        # two days and more are days; below, 30 h says more than 1.3 d
        if seconds >= size * (2 if name == "d" else 1):
            return f"{_tenth(seconds / size)} {name}"
    return f"{_tenth(seconds)} s"


def _days(value: float) -> str:
    text = _tenth(value)
    return f"{text} day" if text == "1" else f"{text} days"


def _time(microseconds: float) -> str:
    moment = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=microseconds)
    return f"{moment:%Y-%m-%d %H:%M} UTC"


_FORMATS: dict[str, Callable[[float], str]] = {
    "count": _count,
    "money": lambda value: f"{value:,.2f}",
    "ratio": lambda value: f"{_tenth(value)}×",
    "share": lambda value: f"{_tenth(value * 100)}%",
    "seconds": _duration,
    "days": _days,
    "km": lambda value: f"{round(value):,} km",
    "km/h": lambda value: f"{round(value):,} km/h",
    "hour": _tenth,
    "time": _time,
}
