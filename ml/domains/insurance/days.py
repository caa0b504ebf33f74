"""Time between days and moments.

A day says no time of day, so what involves one is counted in calendar days, in the calendar of whoever sent
it; two moments are compared to the microsecond.
"""

from datetime import UTC, date, datetime, time

from ml.domains.moments import microseconds
from ml.features.durations import DAY


def span(later: date | datetime, earlier: date | datetime) -> int:
    """Microseconds from `earlier` to `later`, negative when they stand the other way round."""
    if isinstance(later, datetime) and isinstance(earlier, datetime):
        return microseconds(later) - microseconds(earlier)
    return (_day(later) - _day(earlier)).days * DAY


def first_moment(day: date | datetime) -> datetime:
    """The moment itself, or the first of the day in UTC."""
    return day if isinstance(day, datetime) else datetime.combine(day, time(), UTC)


def _day(day: date | datetime) -> date:
    return day.date() if isinstance(day, datetime) else day
