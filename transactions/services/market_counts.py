"""What is counted beside the events of a market: minutes and days of symbols, days of owners, patterns.

A window over a symbol with a million trades is read from these, so the work of one event stays bounded.
They run in the transaction that stores the event, with its symbol (trades) and owner held.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection

from transactions.models import MarketEventType, Side
from transactions.services.prepared import run_prepared

_TRADE = """
    with given (symbol, symbol_key, owner_symbol_key, at, day, price, volume, bought, sold) as (values
        (%s::text, %s::bigint, %s::bigint, %s::timestamptz, %s::date, %s::bigint, %s::bigint, %s::bigint,
         %s::bigint)),
    minutes as (
        insert into transactions_marketminute as m
            (symbol_key, minute, volume_e6, traded, high_e8, low_e8, close_e8, trades, last_at)
        select symbol_key, date_trunc('minute', at, 'UTC'), volume, price::numeric * volume, price, price,
               price, 1, at from given
        on conflict (symbol_key, minute) do update set
            volume_e6 = m.volume_e6 + excluded.volume_e6, traded = m.traded + excluded.traded,
            high_e8 = greatest(m.high_e8, excluded.high_e8), low_e8 = least(m.low_e8, excluded.low_e8),
            close_e8 = case when excluded.last_at >= m.last_at then excluded.close_e8 else m.close_e8 end,
            trades = m.trades + 1, last_at = greatest(m.last_at, excluded.last_at)),
    days as (
        insert into transactions_marketbar as d
            (symbol, symbol_key, date, loaded, open_e8, high_e8, low_e8, close_e8, volume_e6, first_at,
             last_at)
        select symbol, symbol_key, day, false, price, price, price, price, volume, at, at from given
        on conflict (symbol_key, date, loaded) do update set
            open_e8 = case when excluded.first_at < d.first_at then excluded.open_e8 else d.open_e8 end,
            high_e8 = greatest(d.high_e8, excluded.high_e8), low_e8 = least(d.low_e8, excluded.low_e8),
            close_e8 = case when excluded.last_at >= d.last_at then excluded.close_e8 else d.close_e8 end,
            volume_e6 = d.volume_e6 + excluded.volume_e6, first_at = least(d.first_at, excluded.first_at),
            last_at = greatest(d.last_at, excluded.last_at))
    insert into transactions_marketaccountday as a
        (symbol_key, owner_symbol_key, date, orders, cancels, trades, volume_e6, bought_e6, sold_e6)
    select symbol_key, owner_symbol_key, day, 0, 0, 1, volume, bought, sold from given
    on conflict (owner_symbol_key, date) do update set
        trades = a.trades + 1, volume_e6 = a.volume_e6 + excluded.volume_e6,
        bought_e6 = a.bought_e6 + excluded.bought_e6, sold_e6 = a.sold_e6 + excluded.sold_e6
"""
_ORDER = """
    insert into transactions_marketaccountday as a
        (symbol_key, owner_symbol_key, date, orders, cancels, trades, volume_e6, bought_e6, sold_e6)
    values (%s, %s, %s, %s, %s, 0, 0, 0, 0)
    on conflict (owner_symbol_key, date) do update set
        orders = a.orders + excluded.orders, cancels = a.cancels + excluded.cancels
"""
_PATTERN = """
    insert into transactions_marketpattern
        (kind, owner_symbol_key, occurred_at, event_id, other_id, volume_e6)
    values (%s, %s, %s, %s, %s, %s) on conflict do nothing
"""


def count_market_event(event: Mapping[str, Any], day: date) -> None:
    """Add a stored event to the minutes and days it belongs to; `day` is the venue's."""
    code, side, volume = event["event_code"], event["side_code"], event["volume_e6"]
    if code == MarketEventType.TRADE:
        bought, sold = volume * (side == Side.BUY), volume * (side == Side.SELL)
        moved = (event["occurred_at"], day, event["price_e8"], volume, bought, sold)
        keys = (event["symbol"], event["symbol_key"], event["owner_symbol_key"])
        name, text, values = "count_market_trade", _TRADE, (*keys, *moved)
    else:
        counted = (int(code == MarketEventType.ORDER), int(code == MarketEventType.CANCEL))
        name, text = "count_market_order", _ORDER
        values = (event["symbol_key"], event["owner_symbol_key"], day, *counted)
    with connection.cursor() as cursor:
        run_prepared(cursor, name, text, values)


def store_market_pattern(
    kind: int, *, owner_symbol_key: int, at: datetime, event_id: int, other_id: int | None, volume_e6: int
) -> None:
    """Record a piece of a scheme, once."""
    with connection.cursor() as cursor:
        run_prepared(
            cursor,
            "store_market_pattern",
            _PATTERN,
            (kind, owner_symbol_key, at, event_id, other_id, volume_e6),
        )
