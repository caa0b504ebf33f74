"""The symbol: what traded in a window, its day, and its earlier days.

A window is read from minutes, and from single trades only within its first and last minute; of those at most
10,000 each.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from fraud_detection.services.measuring.market.situation import Situation, rows, whole
from ml.domains.market.baseline import Bar, Baseline, baseline
from ml.domains.market.schema import TRADE

MINUTE = timedelta(minutes=1)
OLDEST_BAR = timedelta(days=90)
BARS = 33  # 30, and those of a rise that lasted up to three days
# Rows are compared as (symbol_key, occurred_at): a plan for "any symbol" may else skip through an index of
# owners, which is thousands of look-ups where one would do.
_WINDOW = f"""
    select coalesce(sum(volume), 0), coalesce(sum(traded), 0), coalesce(sum(trades), 0) from (
        (select volume_e6 as volume, traded, trades from transactions_marketminute
            where symbol_key = %s and minute >= %s and minute < %s)
        union all
        (select volume_e6, traded, trades from transactions_marketminute
            where symbol_key = %s and minute = %s and minute >= %s and last_at <= %s)
        union all
        (select volume_e6, price_e8::numeric * volume_e6, 1 from transactions_marketevent
            where event_code = {TRADE} and (symbol_key, occurred_at) > (%s, %s)
                and (symbol_key, occurred_at) < (%s, %s) and occurred_at <= %s and id <= %s
            order by symbol_key desc, occurred_at desc, id desc limit 10000)
        union all
        (select volume_e6, price_e8::numeric * volume_e6, 1 from transactions_marketevent
            where event_code = {TRADE} and (symbol_key, occurred_at) >= (%s, %s)
                and (symbol_key, occurred_at) <= (%s, %s) and occurred_at >= %s and id <= %s
                and not exists (select from transactions_marketminute
                                where symbol_key = %s and minute = %s and last_at <= %s)
            order by symbol_key desc, occurred_at desc, id desc limit 10000)
    ) parts
"""
_BARS = f"""
    select distinct on (date) date, close_e8, volume_e6 from transactions_marketbar
    where symbol_key = %s and date < %s and date >= %s order by date desc, loaded desc limit {BARS}
"""
_TODAY = f"""
    with given (k, own, day, at, until) as (values
        (%s::bigint, %s::bigint, %s::date, %s::timestamptz, %s::timestamptz))
    select b.volume_e6 - later.volume, a.volume_e6 - own_later.volume, a.bought_e6 - own_later.bought,
           a.sold_e6 - own_later.sold, a.trades - own_later.trades, a.orders - ordered.orders
    from given
    left join transactions_marketbar b on b.symbol_key = k and b.date = day and not b.loaded
    left join transactions_marketaccountday a on a.owner_symbol_key = own and a.date = day
    cross join lateral (
        select coalesce(sum(volume_e6), 0) as volume from (
            select volume_e6 from transactions_marketevent where event_code = {TRADE}
                and (symbol_key, occurred_at) > (k, at) and (symbol_key, occurred_at) < (k, until)
            order by symbol_key, occurred_at limit 10000) x) later
    cross join lateral (
        select count(*) as trades, coalesce(sum(volume_e6), 0) as volume,
               coalesce(sum(volume_e6) filter (where side_code = 1), 0) as bought,
               coalesce(sum(volume_e6) filter (where side_code = 2), 0) as sold from (
            select side_code, volume_e6 from transactions_marketevent
            where owner_symbol_key = own and event_code = {TRADE} and occurred_at > at and occurred_at < until
            order by occurred_at limit 10000) x) own_later
    cross join lateral (
        select count(*) as orders from (
            select 1 from transactions_marketevent where owner_symbol_key = own and event_code = 1
                and occurred_at > at and occurred_at < until order by occurred_at limit 10000) x) ordered
"""
_NEWEST_PRICE = f"""
    select price_e8 from transactions_marketevent
    where event_code = {TRADE} and (symbol_key, occurred_at, id) < (%s, %s, %s) and id < %s
        and (symbol_key, occurred_at) > (%s, %s)
    order by symbol_key desc, occurred_at desc, id desc limit 1
"""


class Window(NamedTuple):
    """What traded; `traded` is the sum of price times volume in their steps."""

    volume: int
    traded: int
    trades: int

    @property
    def average_price(self) -> int | None:
        """Weighted by volume."""
        return round(self.traded / self.volume) if self.volume else None


class Today(NamedTuple):
    """The venue's day up to the event: the symbol's volume, and what the owner did in it."""

    volume: int
    own_volume: int
    own_bought: int
    own_sold: int
    own_trades: int
    own_orders: int


def traded(situation: Situation, since: datetime, until: datetime) -> Window:
    """What traded in the symbol in (since, until], which ends at the event or before."""
    first, last = since.replace(second=0, microsecond=0) + MINUTE, until.replace(second=0, microsecond=0)
    key, newest = situation.event["symbol_key"], situation.event["id"]
    arguments = (
        *(key, first, last),
        *(key, last, first, until),
        *(key, since, key, first, until, newest),
        *(key, last, key, until, first, newest, key, last, until),
    )
    volume, value, trades = rows("window", _WINDOW, *arguments)[0]
    return Window(whole(volume), int(value), trades)


def today(situation: Situation) -> Today:
    """Trades and orders later on the same day, of an event that came in late, are taken off again."""
    event = situation.event
    keys = event["symbol_key"], event["owner_symbol_key"]
    found = rows("today", _TODAY, *keys, situation.day, situation.at, situation.day_end)[0]
    return Today(*(whole(value or 0) for value in found))


def earlier_bars(situation: Situation) -> list[Bar]:
    """Bars of days before the event's, newest first; a loaded bar counts before a built one."""
    oldest = situation.day - OLDEST_BAR
    found = rows("bars", _BARS, situation.event["symbol_key"], situation.day, oldest)
    return [Bar(day, close, whole(volume)) for day, close, volume in found]


def newest_price(situation: Situation, before: datetime, newest_id: int) -> int | None:
    """Price of the newest trade that came before (time, id), within a day."""
    key = situation.event["symbol_key"]
    oldest = before - timedelta(days=1)
    found = rows("newest_price", _NEWEST_PRICE, key, before, newest_id, situation.event["id"], key, oldest)
    return found[0][0] if found else None


def before_day(bars: list[Bar], day: date) -> Baseline:
    """The baseline of the bars before a day."""
    return baseline([bar for bar in bars if bar.date < day])


def symbol_measures(situation: Situation, day: Today, bars: list[Bar]) -> dict[str, int | None]:
    """Volume, price and baseline."""
    event, usual = situation.event, baseline(bars)
    own_price = event["price_e8"] if situation.is_trade else None
    return {
        "symbol.volume.24h": traded(situation, situation.before(hours=24), situation.at).volume,
        "symbol.volume.day": day.volume,
        "symbol.price": own_price or newest_price(situation, situation.at, event["id"]),
        "bars.count": usual.count,
        "bars.volume": usual.volume,
        "bars.close": usual.close,
        "returns.count": usual.returns,
        "returns.sum": usual.returns_sum,
        "returns.squares": usual.returns_squares,
        "own.volume.day": day.own_volume,
        "own.orders.day": day.own_orders,
        "own.trades.day": day.own_trades,
    }
