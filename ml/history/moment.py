"""What an event of a history says by itself: its amount, hour and place."""

from __future__ import annotations

from functools import cache

from ml.features.builders import flag, money, number
from ml.features.spec import Feature, FeatureSet
from ml.history.habits import LN, NIGHT

MICRODEGREES = 1e6


@cache
def moment(*, amount: bool, time: bool, place: bool) -> FeatureSet:
    """The event's own features; no history is read."""
    features = [
        *(_amount() if amount else ()),
        *(_time() if time else ()),
        *(_place() if place else ()),
    ]
    return FeatureSet("history-moment", (), (), tuple(features))


def _amount() -> list[Feature]:
    return [
        money("amount", "Amount of the event.", "event.amount_minor"),
        number("amount_cents", "count", "What the amount has after the decimal point, in minor units.",
               "remainder", "event.amount_minor", by=(100.0,)),
        number("amount_below_hundred", "money", "What the amount has beyond whole hundreds.", "remainder",
               "amount", by=(100.0,)),
        number("amount_ln", "ln", "Logarithm of the amount.", "scaled", "event.amount_ln", by=(LN,)),
    ]  # fmt: skip


def _time() -> list[Feature]:
    hour, day = "event.local_hour", "weekday"
    return [
        number("hour_of_day", "hour", "Local hour of the event, 0 to 23.", "scaled", hour, by=(1.0,)),
        number("hour_sin", "cycle", "Sine of the hour on the 24-hour circle.", "cycle_sin", hour, by=(24.0,)),
        number("hour_cos", "cycle", "Cosine of the hour on that circle.", "cycle_cos", hour, by=(24.0,)),
        flag("is_night", "Local hour from 0 to 5.", "member", hour, by=NIGHT),
        number(day, "day", "Day of the week, 0 for Monday.", "weekday", "event.occurred_at", hour),
        number("weekday_sin", "cycle", "Sine of the weekday on a 7-day circle.", "cycle_sin", day,
               by=(7.0,)),
        number("weekday_cos", "cycle", "Cosine of the weekday on that circle.", "cycle_cos", day, by=(7.0,)),
    ]  # fmt: skip


def _place() -> list[Feature]:
    return [
        number("latitude", "degrees", "Latitude of the event.", "scaled", "event.latitude_e6",
               by=(MICRODEGREES,)),
        number("longitude", "degrees", "Longitude of the event.", "scaled", "event.longitude_e6",
               by=(MICRODEGREES,)),
    ]  # fmt: skip
