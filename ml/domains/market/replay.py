"""The measures that the model reads, of a whole table of events in order of time.

In service the database gives them one event at a time; that both agree is tested.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from ml.domains.market.baseline import Bar, baseline
from ml.domains.market.calendar import calendar_of
from ml.domains.market.features import MARKET
from ml.domains.market.schema import ORDER, TRADE, encode
from ml.features import kernel
from ml.features.spec import NULL

DAY = timedelta(days=1)
MOST_BARS = 33


class Symbol:
    """What one symbol has traded so far."""

    def __init__(self) -> None:
        self.earlier: deque[Bar] = deque(maxlen=MOST_BARS)  # newest first
        self.today: Bar | None = None
        self.recent: deque[tuple[Any, int]] = deque()
        self.recent_volume = 0
        self.price: int | None = None

    def turn(self, day: date) -> None:
        """Close the day that is over."""
        if self.today is not None and self.today.date < day:
            self.earlier.appendleft(self.today)
            self.today = None

    def add(self, at: Any, day: date, price: int, volume: int) -> None:
        before = self.today.volume if self.today else 0
        self.today = Bar(day, price, before + volume)
        self.price = price
        self.recent.append((at, volume))
        self.recent_volume += volume

    def forget(self, before: Any) -> None:
        while self.recent and self.recent[0][0] <= before:
            self.recent_volume -= self.recent.popleft()[1]


def measured(
    events: Iterable[Mapping[str, Any]], settings: Mapping[str, Any]
) -> Iterator[dict[str, int | None]]:
    """Measures of parsed events, which must stand in order of time."""
    symbols: dict[int, Symbol] = defaultdict(Symbol)
    own: dict[tuple[int, date], list[int]] = defaultdict(lambda: [0, 0, 0])  # volume, orders, trades
    for event in events:
        at = event["occurred_at"]
        row, day = encode(event, at), calendar_of(settings, event.get("venue")).day_of(at)
        symbol, mine = symbols[row["symbol_key"]], own[row["owner_symbol_key"], day]
        symbol.turn(day)
        symbol.forget(at - DAY)
        if row["event_code"] == TRADE:
            symbol.add(at, day, row["price_e8"], row["volume_e6"])
            mine[0] += row["volume_e6"]
            mine[2] += 1
        mine[1] += row["event_code"] == ORDER
        yield _measures(symbol, mine)


def _measures(symbol: Symbol, own: list[int]) -> dict[str, int | None]:
    usual = baseline(list(symbol.earlier))
    return {
        "symbol.volume.24h": symbol.recent_volume,
        "symbol.volume.day": symbol.today.volume if symbol.today else 0,
        "symbol.price": symbol.price,
        "bars.count": usual.count,
        "bars.volume": usual.volume,
        "bars.close": usual.close,
        "returns.count": usual.returns,
        "returns.sum": usual.returns_sum,
        "returns.squares": usual.returns_squares,
        "own.volume.day": own[0],
        "own.orders.day": own[1],
        "own.trades.day": own[2],
    }


def vectors(events: Iterable[Mapping[str, Any]], settings: Mapping[str, Any]) -> np.ndarray:
    """Feature vectors [n, numbers] of parsed events in order of time; what is not replayed is missing."""
    rows = list(measured(events, settings))
    columns = {
        name: np.array([NULL if row[name] is None else row[name] for row in rows], np.int64)
        for name in (rows[0] if rows else ())
    }
    primitives = np.full((len(rows), len(MARKET.primitives)), NULL, np.int64)
    return kernel.evaluate(MARKET, primitives, columns)
