"""Durations in microseconds, the unit of every time in a feature set."""

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR


def duration_text(microseconds: int) -> str:
    """Return the shortest exact wording: 1h, 24h, 48h, 7d, 30d."""
    if microseconds % DAY == 0 and microseconds > 2 * DAY:
        return f"{microseconds // DAY}d"
    if microseconds % HOUR == 0:
        return f"{microseconds // HOUR}h"
    return f"{microseconds / SECOND:g}s"
