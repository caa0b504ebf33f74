"""Alerts by day as lines, drawn on the server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

WIDTH, HEIGHT = 640, 150
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 8, 20


@dataclass(frozen=True)
class Chart:
    """Paths and ticks in a WIDTH by HEIGHT picture; `active` is empty without a version."""

    draft: str
    active: str
    levels: list[tuple[float, str]]
    days: list[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    bottom: int = HEIGHT - BOTTOM


def chart_of(by_day: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Of the days from the first to the last with an event; None for fewer than two."""
    rows = _with_events(by_day)
    if len(rows) < 2:
        return None
    most = max(max(row["draft_alerts"], row["active_alerts"] or 0) for row in rows) or 1
    top = _round_up(most)
    has_active = rows[0]["active_alerts"] is not None
    step = (WIDTH - LEFT - RIGHT) / (len(rows) - 1)
    marks = sorted({0, len(rows) // 2, len(rows) - 1})
    return Chart(
        draft=_path([row["draft_alerts"] for row in rows], step, top),
        active=_path([row["active_alerts"] for row in rows], step, top) if has_active else "",
        levels=[(_y(value, top), f"{value:,}") for value in (0, top)],
        days=[(round(LEFT + at * step, 1), f"{date.fromisoformat(rows[at]['day']):%-d %b}") for at in marks],
    )


def _with_events(by_day: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    held = [at for at, row in enumerate(by_day) if row["events"]]
    return list(by_day[held[0] : held[-1] + 1]) if held else []


def _path(values: Sequence[int], step: float, top: int) -> str:
    points = (f"{LEFT + at * step:.1f} {_y(value, top):.1f}" for at, value in enumerate(values))
    return "M" + "L".join(points)


def _y(value: float, top: int) -> float:
    return round(HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM), 1)


def _round_up(most: int) -> int:
    """The next 1, 2 or 5 times a power of ten."""
    scale = 1
    while True:
        for factor in (1, 2, 5):
            if factor * scale >= most:
                return factor * scale
        scale *= 10
