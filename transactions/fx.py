"""Exchange rates by date: what one unit of a currency was worth on the day of an event.

The shipped reference file holds indicative rates, rounded to three digits, so that events in
other currencies compare from the first minute; `manage.py load_fx_rates` replaces them.
"""

import csv
import time
from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from transactions.models import FxRate

REFERENCE = Path(__file__).with_name("fx_reference.csv")
CACHE_SECONDS = 60.0


class NoRate(LookupError):
    """A currency that has no rate; the message says what to do."""

    def __init__(self, currency: str):
        super().__init__(f"there is no exchange rate for '{currency}'; load one with manage.py load_fx_rates")


class Series(NamedTuple):
    """The rates of one currency, by day."""

    days: list[date]
    prices: list[Decimal]

    def on(self, day: date) -> Decimal:
        """The newest rate on or before the day; before the first one, the first."""
        return self.prices[max(bisect_right(self.days, day) - 1, 0)]


_cached: tuple[float, dict[str, Series]] = (0.0, {})


def rate_between(currency: str, reporting_currency: str, day: date) -> Decimal:
    """Price of one unit of `currency` in the reporting currency on that day; raises NoRate."""
    table = rates()
    for name in (currency, reporting_currency):
        if name not in table:
            raise NoRate(name)
    return table[currency].on(day) / table[reporting_currency].on(day)


def rates() -> dict[str, Series]:
    """Every currency's series, at most CACHE_SECONDS old."""
    global _cached
    read_at, table = _cached
    if not table or time.monotonic() - read_at > CACHE_SECONDS:
        stored = FxRate.objects.order_by("currency", "day").values_list("day", "currency", "usd")
        table = series_of(stored) or series_of(reference_rows())
        _cached = (time.monotonic(), table)
    return table


def forget_cached_rates() -> None:
    """Make this process read the rates again at their next use."""
    global _cached
    _cached = (0.0, {})


def series_of(rows: Iterable[tuple[date, str, Decimal]]) -> dict[str, Series]:
    """Rows of (day, currency, price in US dollars), sorted by currency and day, as series."""
    table: dict[str, Series] = {}
    for day, currency, price in rows:
        series = table.setdefault(currency, Series([], []))
        series.days.append(day)
        series.prices.append(Decimal(price))
    return table


def reference_rows() -> list[tuple[date, str, Decimal]]:
    """The rows of the shipped reference file."""
    with REFERENCE.open(newline="") as file:
        return [
            (date.fromisoformat(r["day"]), r["currency"], Decimal(r["usd"])) for r in csv.DictReader(file)
        ]
