"""An exchange on ordinary days: investors, funds and market makers, prices and volumes that fit together.

Hard cases belong to it: market makers who cancel most of what they quote, funds that buy all morning,
traders who turn round within the hour, days of earnings, news that moves a price within minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from ml.domains.market.calendar import Calendar, calendar_of
from ml.domains.market.settings import SETTINGS

Record = dict[str, Any]
VENUE = "XNYS"
TRADES_A_DAY = 55  # in one symbol, in the week that is watched
WARM_UP_TRADES = 3  # in one symbol, on a day before
MARKET_MAKERS = ("MM-Alder", "MM-Birch", "MM-Cedar")


@dataclass(frozen=True)
class Bump:
    """A move of a price: it rises over `rising`, stands, and falls back to `stays` of itself."""

    at: datetime
    size: float
    rising: timedelta
    falls_at: datetime
    stays: float = 1.0

    def factor(self, moment: datetime) -> float:
        if moment < self.at:
            return 1.0
        risen = min((moment - self.at) / self.rising, 1.0)
        return 1 + self.size * risen * (1.0 if moment < self.falls_at else self.stays)


@dataclass
class Listing:
    """A symbol with its usual volume of a day, its price at the first day, and what moves it."""

    symbol: str
    price: float
    volume: float
    days: tuple[date, ...]
    drift: np.ndarray  # log price at the close of each day
    bumps: list[Bump] = field(default_factory=list)
    busy: dict[date, float] = field(default_factory=dict)  # how many times the usual volume

    def price_at(self, moment: datetime, calendar: Calendar, rng: np.random.Generator) -> float:
        """A price about what the day asks for, within a few hundredths of a per cent."""
        day = calendar.day_of(moment)
        place = self.days.index(day)
        session = calendar.session(day)
        through = min(max((moment - session.opens) / (session.closes - session.opens), 0.0), 1.0)
        before = self.drift[place - 1] if place else 0.0
        level = self.price * np.exp(before + (self.drift[place] - before) * through)
        for bump in self.bumps:
            level *= bump.factor(moment)
        return round(float(level * np.exp(rng.normal(0, 0.0004))), 2)


@dataclass
class Exchange:
    """Symbols, days and everybody's records; `week` are the days that are watched."""

    rng: np.random.Generator
    calendar: Calendar
    days: tuple[date, ...]
    week: tuple[date, ...]
    listings: list[Listing]
    records: list[Record] = field(default_factory=list)

    def moment(self, day: date, hours: float) -> datetime:
        """So many hours after the opening, never on the same microsecond twice."""
        return self.calendar.session(day).opens + timedelta(
            hours=hours, microseconds=int(self.rng.integers(1, 999_999))
        )

    def price(self, listing: Listing, moment: datetime) -> float:
        return listing.price_at(moment, self.calendar, self.rng)

    def trade(self, moment: datetime, listing: Listing, trader: str, volume: float, **more: Any) -> Record:
        return self.add(moment, listing, trader, volume, event="trade", **more)

    def add(
        self,
        moment: datetime,
        listing: Listing,
        trader: str,
        volume: float,
        *,
        price: float | None = None,
        **more: Any,
    ) -> Record:
        """Write a record down; the price is the market's unless it is said."""
        record = {
            "symbol": listing.symbol,
            "price": self.price(listing, moment) if price is None else round(price, 2),
            "volume": max(int(volume), 1),
            "trader_id": trader,
            "venue": VENUE,
            "occurred_at": moment.isoformat(),
            **more,
        }
        self.records.append(record)
        return record


def open_exchange(*, seed: int, symbols: int, week_of: date, warm_up: int = 34) -> Exchange:
    """An exchange without records: `warm_up` trading days, and the week that begins on a Monday."""
    rng = np.random.default_rng(seed)
    calendar = calendar_of(SETTINGS, VENUE)
    day, before = week_of - timedelta(days=1), []
    while len(before) < warm_up:
        if calendar.session(day):
            before.append(day)
        day -= timedelta(days=1)
    week = tuple(
        week_of + timedelta(days=n) for n in range(5) if calendar.session(week_of + timedelta(days=n))
    )
    days = (*reversed(before), *week)
    listings = [_listing(rng, f"{name}", days) for name in _names(symbols)]
    return Exchange(rng, calendar, days, week, listings)


def _names(count: int) -> list[str]:
    syllables = ("AL", "BE", "CO", "DA", "EV", "FI", "GO", "HU", "IN", "JO", "KI", "LU")
    return [f"{syllables[n % 12]}{syllables[(5 * n + n // 12) % 12]}"[:4] for n in range(count)]


def _listing(rng: np.random.Generator, symbol: str, days: tuple[date, ...]) -> Listing:
    drift = np.cumsum(rng.normal(0.0003, 0.013, len(days)))
    return Listing(symbol, float(rng.uniform(18, 220)), float(rng.lognormal(10.8, 0.5)), days, drift)


def ordinary_days(exchange: Exchange) -> None:
    """Trades of all days, and in the week orders and cancels of market makers."""
    rng = exchange.rng
    investors = [f"TR-{n:03}" for n in range(120)]
    for listing in exchange.listings:
        for day in exchange.days:
            watched = day in exchange.week
            busy = listing.busy.get(day, 1.0)
            total = listing.volume * busy * rng.lognormal(0, 0.22)
            count = int((TRADES_A_DAY if watched else WARM_UP_TRADES) * min(busy, 2.0))
            for hours, volume in zip(
                _times(rng, count), total * rng.dirichlet(np.full(count, 2.0)), strict=True
            ):
                _investor(exchange, listing, exchange.moment(day, hours), volume, investors)
            if watched:
                _quotes(exchange, listing, day)
    _managers(exchange)


def _times(rng: np.random.Generator, count: int) -> np.ndarray:
    """Hours after the opening: busy at both ends of the session."""
    return np.sort(6.45 * rng.beta(0.75, 0.75, count))


def _investor(
    exchange: Exchange, listing: Listing, moment: datetime, volume: float, investors: list[str]
) -> None:
    rng = exchange.rng
    trader = investors[int(rng.integers(len(investors)))]
    side = "buy" if rng.random() < 0.5 else "sell"
    maker = MARKET_MAKERS[int(rng.integers(len(MARKET_MAKERS)))]
    watched = exchange.calendar.day_of(moment) in exchange.week
    if watched and rng.random() < 0.006:  # changed its mind, at a venue that does not say who the others are
        exchange.trade(moment, listing, trader, volume, side=side)
        back = "sell" if side == "buy" else "buy"
        exchange.trade(
            moment + timedelta(minutes=float(rng.uniform(2, 9))), listing, trader, volume, side=back
        )
        return
    exchange.trade(moment, listing, trader, volume, side=side, counterparty_id=maker)
    if watched and rng.random() < 0.05:  # out again within the hour
        later = moment + timedelta(minutes=float(rng.uniform(6, 50)))
        if later < exchange.calendar.session(exchange.calendar.day_of(moment)).closes:
            back = "sell" if side == "buy" else "buy"
            exchange.trade(later, listing, trader, volume, side=back, counterparty_id=maker)


def _quotes(exchange: Exchange, listing: Listing, day: date) -> None:
    """Two quotes now and then; one in seven is filled, the others are cancelled and made anew."""
    rng = exchange.rng
    for hours in np.sort(rng.uniform(0.1, 6.3, 7)):
        maker = MARKET_MAKERS[int(rng.integers(len(MARKET_MAKERS)))]
        for side, level in (("buy", -1), ("sell", 1)):
            moment = exchange.moment(day, float(hours))
            price = exchange.price(listing, moment) * (1 + 0.0006 * level)
            _quote(exchange, listing, moment, maker, side, price)


def _quote(
    exchange: Exchange, listing: Listing, moment: datetime, maker: str, side: str, price: float
) -> None:
    rng, size = exchange.rng, listing.volume / 120 * exchange.rng.lognormal(0, 0.25)
    own = {"price": price, "side": side, "order_id": f"{maker}-{listing.symbol}-{len(exchange.records)}"}
    depth = round(size * float(rng.uniform(6, 20)))
    exchange.add(moment, listing, maker, size, event="order", side_depth=depth, **own)
    after = moment + timedelta(seconds=float(rng.uniform(3, 240)))
    if rng.random() < 0.15:
        investor = f"TR-{int(rng.integers(120)):03}"
        exchange.trade(after, listing, maker, size, counterparty_id=investor, **own)
    else:
        exchange.add(after, listing, maker, size, event="cancel", **own)


def _managers(exchange: Exchange) -> None:
    """A fund that buys in slices all morning, a quarter of what trades, and keeps what it bought."""
    rng = exchange.rng
    for number, day in enumerate(exchange.week):
        listing = exchange.listings[number % len(exchange.listings)]
        for slice_number in range(24):
            exchange.trade(
                exchange.moment(day, 0.5 + slice_number * 0.05),
                listing,
                f"FUND-{number}",
                listing.volume / 160,
                side="buy",
                counterparty_id=MARKET_MAKERS[int(rng.integers(3))],
            )


def earnings_and_news(exchange: Exchange) -> None:
    """Days of earnings with many times the volume, and news that moves a price within minutes."""
    rng, listings = exchange.rng, exchange.listings
    for listing, size in zip(listings[1:3], (0.14, -0.11), strict=False):
        day = exchange.week[int(rng.integers(1, 4))]
        opens = exchange.calendar.session(day).opens
        listing.bumps.append(
            Bump(opens - timedelta(hours=1), size, timedelta(minutes=1), opens + timedelta(days=60))
        )
        listing.busy[day] = 6.0
    for listing in listings[3:4]:
        at = exchange.moment(exchange.week[int(rng.integers(5))], float(rng.uniform(1, 5)))
        listing.bumps.append(Bump(at, 0.115, timedelta(minutes=3), at + timedelta(days=60)))
        listing.busy[exchange.calendar.day_of(at)] = 2.5


def as_sent(record: Mapping[str, Any], number: int) -> Record:
    """The record with an id of its own."""
    return {"event_id": f"MK-{number:06}", **record}
