"""The second half of a pump and dump: the price falls back, and somebody sold near the peak.

Looked for only while a peak of the last two days stands out, so an ordinary trade costs one look at bars.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from fraud_detection.services.measuring.market.situation import Situation, rows, whole
from fraud_detection.services.measuring.market.symbols import MINUTE, before_day, traded
from ml.domains.market.baseline import Bar
from ml.domains.market.schema import BUY, SELL, TRADE

MOST_ACCOUNTS = 5  # a day, those that sold most
ACCUMULATION = timedelta(days=30)
_HIGHEST = """
    select max(high_e8) from transactions_marketbar
    where symbol_key = %s and date >= %s and date <= %s and not loaded
"""
_HIGHEST_MINUTE = """
    select minute from transactions_marketminute where symbol_key = %s and minute >= %s and minute <= %s
    order by high_e8 desc, minute limit 1
"""
_PEAK = f"""
    select price_e8, occurred_at from transactions_marketevent
    where event_code = {TRADE} and (symbol_key, occurred_at) >= (%s, %s)
        and (symbol_key, occurred_at) < (%s, %s) and (occurred_at, id) <= (%s, %s) and id <= %s
    order by price_e8 desc, occurred_at, id limit 1
"""
_SELLERS = f"""
    select sellers.owner_symbol_key
    from (select day::date from generate_series(%s::date, %s::date, interval '1 day') day) days
    cross join lateral (
        select owner_symbol_key from transactions_marketaccountday
        where symbol_key = %s and date = days.day and sold_e6 > 0
        order by sold_e6 desc limit {MOST_ACCOUNTS}) sellers
"""
_FILLS = f"""
    select k, side_code, price_e8, volume_e6, occurred_at from unnest(%s::bigint[]) k cross join lateral (
        select side_code, price_e8, volume_e6, occurred_at from transactions_marketevent
        where owner_symbol_key = k and event_code = {TRADE} and occurred_at >= %s
            and (occurred_at, id) <= (%s, %s) and id <= %s
        order by occurred_at desc, id desc limit 500) e
"""
_BEFORE = """
    select owner_symbol_key, coalesce(sum(bought_e6), 0) from transactions_marketaccountday
    where owner_symbol_key = any(%s::bigint[]) and date >= %s and date < %s group by 1
"""


class Peak(NamedTuple):
    """The highest trade, and the close before its day."""

    price: int
    at: datetime
    day: date
    base: int


class Dumper(NamedTuple):
    """An owner that bought before the peak and sold near it; all are quantities."""

    key: int
    bought: int
    sold: int
    volume: int


def pump_measures(situation: Situation, bars: list[Bar]) -> dict[str, int | None]:
    """The peak, how it compares with the days before, and who sold most near it."""
    peak = find_peak(situation, bars)
    if peak is None:
        return {}
    usual = before_day(bars, peak.day)
    measures = {
        "pump.peak": peak.price,
        "pump.base": peak.base,
        "pump.volume": traded(situation, peak.at - timedelta(days=1), peak.at).volume,
        "pump.bars.count": usual.count,
        "pump.bars.volume": usual.volume,
        "pump.returns.count": usual.returns,
        "pump.returns.sum": usual.returns_sum,
        "pump.returns.squares": usual.returns_squares,
    }
    dumper = find_dumper(situation, peak)
    if dumper is None:
        return measures
    since = situation.calendar.bounds(peak.day)[0] - timedelta(microseconds=1)
    return measures | {
        "dumper.bought": dumper.bought,
        "dumper.sold": dumper.sold,
        "dumper.volume": dumper.volume,
        "dumper.all": traded(situation, since, situation.at).volume,
    }


def find_peak(situation: Situation, bars: list[Bar]) -> Peak | None:
    """The peak of the last 48 hours that this trade lies below; None when there is none to speak of."""
    settings, event = situation.settings["pump"], situation.event
    since = situation.before(hours=settings["hours"])
    first_day = situation.calendar.day_of(since)
    before = [bar for bar in bars if bar.date < first_day] or bars[-1:]
    if not situation.is_trade or not before:
        return None
    highest = rows("highest", _HIGHEST, event["symbol_key"], first_day, situation.day)[0][0]
    rise = 1 + settings["search_from_rise"]
    if highest is None or highest <= event["price_e8"] or highest < rise * before[0].close:
        return None
    found = _highest_trade(situation, since)
    if found is None:
        return None
    price, at = found
    day = situation.calendar.day_of(at)
    base = next((bar.close for bar in bars if bar.date < day), None)
    if base is None or price <= max(base, event["price_e8"]):
        return None
    return Peak(price, at, day, base)


def _highest_trade(situation: Situation, since: datetime) -> tuple[int, datetime] | None:
    """Price and time of the first trade at the highest price, to the minute from `since` on."""
    key, event_id = situation.event["symbol_key"], situation.event["id"]
    minutes = rows("highest_minute", _HIGHEST_MINUTE, key, since + MINUTE, situation.at)
    if not minutes:
        return None
    minute = minutes[0][0]
    here = (situation.at, event_id, event_id)
    found = rows("peak", _PEAK, key, minute, key, minute + MINUTE, *here)
    return found[0] if found else None


def find_dumper(situation: Situation, peak: Peak) -> Dumper | None:
    """Among those that sold most since the day of the peak, the owner that sold most near it."""
    key, event_id = situation.event["symbol_key"], situation.event["id"]
    found = rows("sellers", _SELLERS, peak.day, situation.day, key)
    owners = sorted({owner for (owner,) in found} | {situation.event["owner_symbol_key"]})
    day_start = situation.calendar.bounds(peak.day)[0]
    fills = rows("sellers_fills", _FILLS, owners, day_start, situation.at, event_id, event_id)
    bought = dict(rows("bought_before", _BEFORE, owners, peak.day - ACCUMULATION, peak.day))
    near = peak.base + situation.settings["pump"]["near_peak"] * (peak.price - peak.base)
    dumpers = [
        _dumper(owner, whole(bought.get(owner, 0)), [row for row in fills if row[0] == owner], peak, near)
        for owner in owners
    ]
    return max(
        (dumper for dumper in dumpers if dumper.bought and dumper.sold),
        key=lambda dumper: dumper.sold,
        default=None,
    )


def _dumper(owner: int, before: int, fills: Iterable[tuple], peak: Peak, near: float) -> Dumper:
    bought, sold, volume = before, 0, 0
    for _, side, price, quantity, at in fills:
        volume += quantity
        if side == BUY and at <= peak.at:
            bought += quantity
        elif side == SELL and price >= near:
            sold += quantity
    return Dumper(owner, bought, sold, volume)
