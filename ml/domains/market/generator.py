"""Generated trading: six weeks of history, and a week of ten symbols with schemes planted in it."""

from __future__ import annotations

from datetime import date

from ml.data_generation.exchange import Exchange, as_sent, earnings_and_news, open_exchange, ordinary_days
from ml.data_generation.manipulation import SCHEMES
from ml.data_generation.planted import PlantedEvent

WEEK_OF = date(2025, 10, 6)  # a Monday, no holiday near
SYMBOLS, OCCURRENCES = 10, 4


def generate_week(*, seed: int = 1, scale: float = 1.0, week_of: date = WEEK_OF) -> list[PlantedEvent]:
    """A week after the history that baselines need; `scale` is of symbols and of schemes."""
    symbols = max(round(SYMBOLS * scale), 4)
    occurrences = max(round(OCCURRENCES * scale), 1)
    # pumps have symbols of their own: nobody else's trades there are ordinary for days
    exchange = open_exchange(seed=seed, symbols=symbols + occurrences, week_of=week_of)
    earnings_and_news(exchange)
    planted = _planted(exchange, symbols, occurrences)
    ordinary_days(exchange)
    pumped = _pumped(exchange, planted)
    begins = exchange.calendar.session(exchange.week[0]).opens.isoformat()
    events = []
    order = sorted(range(len(exchange.records)), key=lambda place: exchange.records[place]["occurred_at"])
    for number, place in enumerate(order, 1):
        record = exchange.records[place]
        scheme, instance = planted.get(place, ("", ""))
        early = record["occurred_at"] < begins or (not scheme and _in_the_wake(record, pumped))
        events.append(PlantedEvent(as_sent(record, number), scheme, instance, warmup=early))
    return events


def _planted(exchange: Exchange, symbols: int, occurrences: int) -> dict[int, tuple[str, str]]:
    """Where each planted record stands among the records, with its scheme and occurrence."""
    found: dict[int, tuple[str, str]] = {}
    for kind, (name, plant) in enumerate(SCHEMES.items()):
        for number in range(occurrences):
            if name == "pump_and_dump":
                listing, day = exchange.listings[symbols + number], exchange.week[number % 4]
            else:
                # earnings and news stand in the symbols 1 to 3, and would move what a scheme means to move
                quiet = [listing for listing in exchange.listings[:symbols] if not listing.busy]
                listing = quiet[(kind + 3 * number) % len(quiet)]
                day = exchange.week[(kind + number) % len(exchange.week)]
            first = len(exchange.records)
            plant(exchange, listing, day, number)
            places = range(first, len(exchange.records))
            found.update(dict.fromkeys(places, (name, f"{name}-{number}")))
    return found


def _pumped(exchange: Exchange, planted: dict[int, tuple[str, str]]) -> dict[str, str]:
    """The day of the pump by symbol."""
    last: dict[str, str] = {}
    for place, (scheme, _) in planted.items():
        if scheme == "pump_and_dump":
            record = exchange.records[place]
            last[record["symbol"]] = max(last.get(record["symbol"], ""), record["occurred_at"][:10])
    return last


def _in_the_wake(record: dict, pumped: dict[str, str]) -> bool:
    """What trades in a pumped symbol from that day on is neither a scheme nor free of it."""
    return record["occurred_at"] >= pumped.get(record["symbol"], "9")
