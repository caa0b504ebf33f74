"""Schemes planted among ordinary trading, each as somebody would carry it out; every second one with care."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from ml.data_generation.exchange import Bump, Exchange, Listing, Record


def careful(number: int) -> bool:
    """Whether this occurrence keeps away from what is commonly looked for."""
    return number % 2 == 1


Scheme = Callable[[Exchange, Listing, date, int], list[Record]]


def pump_and_dump(exchange: Exchange, listing: Listing, day: date, number: int) -> list[Record]:
    """Bought over the days before, talked up within an hour, sold to the crowd near the peak."""
    rng, lot = exchange.rng, listing.volume
    own = {"owner_group": f"ring-{number}"}
    ring, found = f"P{number}-A", []
    place = exchange.days.index(day)
    for back in (4, 3, 2, 1):
        at = exchange.moment(exchange.days[place - back], float(rng.uniform(1, 5)))
        found.append(exchange.trade(at, listing, ring, lot * 0.25, side="buy", **own))
    starts = exchange.moment(day, 1.0)
    falls = starts + timedelta(hours=2.5)
    rise = float(rng.uniform(0.36, 0.5))
    listing.bumps.append(Bump(starts, rise, timedelta(minutes=70), falls, stays=0.25))
    crowd = [f"crowd-{number}-{step}" for step in range(14)]
    for step, member in enumerate(crowd):
        at = starts + timedelta(minutes=10 * step, seconds=float(rng.uniform(0, 300)))
        found.append(exchange.trade(at, listing, member, lot * float(rng.uniform(0.35, 0.6)), side="buy"))
    for step in range(5):
        at = starts + timedelta(minutes=85 + 12 * step)
        found.append(exchange.trade(at, listing, ring, lot * 0.18, side="sell", **own))
    for step in range(4):
        at = falls + timedelta(minutes=6 + 11 * step)
        found.append(exchange.trade(at, listing, crowd[step], lot * 0.2, side="sell"))
    return found


def wash_trades(exchange: Exchange, listing: Listing, day: date, number: int) -> list[Record]:
    """Two accounts of one owner that sell to each other, to look busy."""
    rng, found = exchange.rng, []
    for turn in range(4):
        at = exchange.moment(day, float(rng.uniform(0.5, 6)))
        price, volume = exchange.price(listing, at), listing.volume * float(rng.uniform(0.01, 0.03))
        uneven = 1.03 if careful(number) and turn % 2 else 1.0
        for account, side, later in (("A", "buy", 0), ("B", "sell", float(rng.uniform(1, 200)))):
            found.append(
                exchange.trade(
                    at + timedelta(seconds=later),
                    listing,
                    f"W{number}-{account}",
                    volume * (uneven if account == "B" else 1.0),
                    price=price,
                    side=side,
                    owner_group=f"owner-{number}",
                )
            )
    return found


def spoofing(exchange: Exchange, listing: Listing, day: date, number: int) -> list[Record]:
    """Small orders as usual, then large ones that are gone once the other side is filled."""
    rng, trader, found = exchange.rng, f"S{number}", []
    small = listing.volume / 400

    def order(at, volume, name, **more):
        return exchange.add(
            at, listing, trader, volume, event="order", side="buy", order_id=f"{trader}-{name}", **more
        )

    for n in range(8):
        at = exchange.moment(day, 0.2 + 0.1 * n)
        found.append(
            order(at, small * float(rng.uniform(0.7, 1.3)), f"small{n}", side_depth=round(small * 20))
        )
    for n in range(4):
        at = exchange.moment(day, 1.5 + n * float(rng.uniform(0.6, 1)))
        size = small * float(rng.uniform(9, 14))
        found.append(order(at, size, f"big{n}", side_depth=round(size / float(rng.uniform(0.25, 0.6)))))
        fill = at + timedelta(seconds=float(rng.uniform(0.5, 4.5)))
        found.append(exchange.trade(fill, listing, trader, small, side="sell"))
        patience = 25 if careful(number) and n % 2 else 9.5
        gone = at + timedelta(seconds=float(rng.uniform(patience / 2, patience)))
        found.append(
            exchange.add(gone, listing, trader, size, event="cancel", side="buy", order_id=f"{trader}-big{n}")
        )
    return found


def layering(exchange: Exchange, listing: Listing, day: date, number: int) -> list[Record]:
    """Orders at several prices on one side, a fill on the other, and all of them withdrawn."""
    rng, trader, found = exchange.rng, f"L{number}", []
    size = listing.volume / 100
    for n in range(2):
        at = exchange.moment(day, 1 + 2 * n + float(rng.uniform(0, 1)))
        middle = exchange.price(listing, at)
        names = [f"{trader}-{n}-{level}" for level in range(5)]
        for level, name in enumerate(names):
            found.append(
                exchange.add(
                    at + timedelta(seconds=4 * level),
                    listing,
                    trader,
                    size,
                    price=middle * (1.001 + 0.0008 * level),
                    event="order",
                    side="sell",
                    order_id=name,
                )
            )
        fill = at + timedelta(seconds=28)
        found.append(exchange.trade(fill, listing, trader, size, side="buy"))
        for level, name in enumerate(names):
            gone = fill + timedelta(seconds=3 + 2 * level)
            found.append(
                exchange.add(gone, listing, trader, size, event="cancel", side="sell", order_id=name)
            )
    return found


def marking_the_close(exchange: Exchange, listing: Listing, day: date, number: int) -> list[Record]:
    """Bought in the morning, pushed up in the last minutes."""
    trader = f"C{number}"
    found = [exchange.trade(exchange.moment(day, 1.2), listing, trader, listing.volume / 20, side="buy")]
    at = exchange.calendar.session(day).closes - timedelta(minutes=7)
    price = exchange.price(listing, at - timedelta(minutes=20))
    for step in range(4):
        found.append(
            exchange.trade(
                at + timedelta(minutes=1.5 * step),
                listing,
                trader,
                listing.volume / 8,
                price=price * (1.008 + 0.004 * step),
                side="buy",
            )
        )
    return found


def ramping(exchange: Exchange, listing: Listing, day: date, number: int) -> list[Record]:
    """Bought step by step until others follow, then sold to them."""
    rng, trader, found = exchange.rng, f"R{number}", []
    starts = exchange.moment(day, float(rng.uniform(1, 4)))
    ends = starts + timedelta(minutes=12)
    listing.bumps.append(Bump(starts, 0.032, timedelta(minutes=12), ends + timedelta(minutes=25), stays=0.1))
    for step in range(7):
        at = starts + timedelta(minutes=2 * step)
        found.append(exchange.trade(at, listing, trader, listing.volume / 30, side="buy"))
    for step in range(2 if careful(number) else 3):
        at = ends + timedelta(minutes=5 + (35 if careful(number) else 4) * step)
        found.append(exchange.trade(at, listing, trader, listing.volume / 14, side="sell"))
    return found


def circular_trading(exchange: Exchange, listing: Listing, day: date, number: int) -> list[Record]:
    """Three to five accounts that pass the same lot round."""
    rng, found = exchange.rng, []
    accounts = [f"O{number}-{n}" for n in range(int(rng.integers(3, 6)))]
    starts, lot = exchange.moment(day, float(rng.uniform(1, 4))), listing.volume * 0.15
    for n, seller in enumerate(accounts):
        at = starts + timedelta(minutes=float(rng.uniform(5, 12)) * (n + 1))
        kept = 0.85 if careful(number) and n == 1 else 1.0
        found.append(
            exchange.trade(
                at,
                listing,
                seller,
                lot * kept * float(rng.uniform(0.98, 1.0)),
                side="sell",
                counterparty_id=accounts[(n + 1) % len(accounts)],
            )
        )
    return found


def abusive_cancellation(exchange: Exchange, listing: Listing, day: date, number: int) -> list[Record]:
    """A machine that floods the book with orders it does not mean."""
    rng, trader, found = exchange.rng, f"X{number}", []
    starts = exchange.moment(day, float(rng.uniform(0.5, 5)))
    for n in range(60):
        at, name = starts + timedelta(seconds=25 * n), f"{trader}-{n}"
        side = "buy" if n % 2 else "sell"
        size = listing.volume / 300
        found.append(exchange.add(at, listing, trader, size, event="order", side=side, order_id=name))
        if n % 40 != 7:
            gone = at + timedelta(seconds=float(rng.uniform(0.2, 12)))
            found.append(exchange.add(gone, listing, trader, size, event="cancel", side=side, order_id=name))
    return found


SCHEMES: dict[str, Scheme] = {
    "pump_and_dump": pump_and_dump,
    "wash_trade": wash_trades,
    "spoofing": spoofing,
    "layering": layering,
    "marking_the_close": marking_the_close,
    "ramping": ramping,
    "circular_trading": circular_trading,
    "abusive_cancellation": abusive_cancellation,
}
