"""Trading days and sessions of venues, from the calendar in the policy's settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from json import dumps, loads
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

MIDNIGHT = "24:00"  # closes at the end of the day


class Session(NamedTuple):
    """Opening and close of one trading day, in UTC."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True)
class Calendar:
    """When one venue trades. A day is the venue's own, from midnight to midnight, hours or not."""

    zone: ZoneInfo
    opens: time
    closes: str
    weekdays: frozenset[int]
    holidays: frozenset[date]
    early: Mapping[date, str]

    def day_of(self, moment: datetime) -> date:
        """The venue's date at a moment."""
        return moment.astimezone(self.zone).date()

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """[start, end) of a day in UTC."""
        return self._at(day, "00:00"), self._at(day, MIDNIGHT)

    def session(self, day: date) -> Session | None:
        """The session of a day; None when the venue is closed."""
        if day.weekday() not in self.weekdays or day in self.holidays:
            return None
        return Session(self._at(day, f"{self.opens:%H:%M}"), self._at(day, self.early.get(day, self.closes)))

    def _at(self, day: date, clock: str) -> datetime:
        if clock == MIDNIGHT:
            day, clock = day + timedelta(days=1), "00:00"
        return datetime.combine(day, time.fromisoformat(clock), self.zone).astimezone(UTC)


def calendar_of(settings: Mapping[str, Any], venue: str | None) -> Calendar:
    """The calendar of a venue; one that the settings do not name keeps the default's hours."""
    calendars = settings["calendars"]
    return _calendar(dumps(calendars["venues"].get(venue) or calendars["venues"][calendars["default"]]))


def check_calendars(settings: Mapping[str, Any]) -> None:
    """Raise ValueError naming the setting that no calendar can be made of."""
    venues = settings.get("calendars", {}).get("venues", {})
    if settings.get("calendars", {}).get("default") not in venues:
        raise ValueError("calendars.default must name one of calendars.venues")
    for name in ("source", "date"):
        if not settings["calendars"].get(name):
            raise ValueError(
                f"calendars.{name} must say where the trading hours come from, and of when they are"
            )
    for venue in venues:
        try:
            calendar = calendar_of(settings, venue)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"calendars.venues.{venue}: {error}") from error
        for clock in (calendar.closes, *calendar.early.values()):
            if clock <= f"{calendar.opens:%H:%M}":
                raise ValueError(f"calendars.venues.{venue}: closes at {clock}, not after it opens")


@lru_cache(maxsize=64)
def _calendar(text: str) -> Calendar:
    given = loads(text)
    return Calendar(
        zone=ZoneInfo(given["time_zone"]),
        opens=time.fromisoformat(given["opens"]),
        closes=given["closes"],
        weekdays=frozenset(given.get("weekdays", range(5))),
        holidays=frozenset(map(date.fromisoformat, given.get("holidays", ()))),
        early={date.fromisoformat(day): clock for day, clock in given.get("early_closes", {}).items()},
    )
