"""The event that is measured, with the day and the policy it is measured by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import connection

from ml.domains.market.calendar import Calendar, Session, calendar_of
from ml.domains.market.schema import TRADE
from transactions.services import run_prepared

LARGEST = 2**62  # a sum beyond this is hostile; the kernel takes 64 bits


@dataclass(frozen=True)
class Situation:
    """One stored event. Only what happened and was stored before it may be read."""

    event: Mapping[str, Any]
    settings: Mapping[str, Any]

    @property
    def at(self) -> datetime:
        return self.event["occurred_at"]

    @property
    def is_trade(self) -> bool:
        return self.event["event_code"] == TRADE

    @cached_property
    def calendar(self) -> Calendar:
        return calendar_of(self.settings, self.event.get("venue"))

    @cached_property
    def day(self) -> date:
        return self.calendar.day_of(self.at)

    @cached_property
    def day_start(self) -> datetime:
        return self.calendar.bounds(self.day)[0]

    @cached_property
    def day_end(self) -> datetime:
        return self.calendar.bounds(self.day)[1]

    @cached_property
    def session(self) -> Session | None:
        return self.calendar.session(self.day)

    def before(self, **span: float) -> datetime:
        """The moment this long before the event."""
        return self.at - timedelta(**span)


def rows(name: str, text: str, *arguments: Any) -> list[tuple]:
    """The rows of a statement that is prepared once a connection, under `market_<name>`."""
    with connection.cursor() as cursor:
        run_prepared(cursor, f"market_{name}", text, arguments)
        return cursor.fetchall()


def whole(value: Any) -> int:
    """A sum from the database as an integer of at most 64 bits."""
    return min(int(value), LARGEST)
