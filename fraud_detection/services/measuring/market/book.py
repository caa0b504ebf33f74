"""The owner's orders as they stand at an event: placed, cancelled, and of what size they usually are."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from fraud_detection.services.measuring.market.situation import Situation, rows, whole
from ml.domains.market.schema import CANCEL, ORDER

_ORDER = f"""
    select id, occurred_at, side_code, price_e8, volume_e6, side_depth_e6, order_key
    from transactions_marketevent
    where order_key = %s and event_code = {ORDER} and (occurred_at, id) < (%s, %s) and id < %s
    order by occurred_at, id limit 1
"""
_PLACED = f"""
    select id, occurred_at, side_code, price_e8, volume_e6, side_depth_e6, order_key
    from transactions_marketevent
    where owner_symbol_key = %s and event_code = {ORDER} and occurred_at > %s and occurred_at <= %s
        and id <= %s and order_key is not null
    order by occurred_at desc, id desc limit 500
"""
_CANCELLED = f"""
    select order_key, coalesce(sum(volume_e6) filter (where occurred_at <= %s), 0),
           coalesce(sum(volume_e6) filter (where occurred_at > %s), 0)
    from transactions_marketevent
    where order_key = any(%s::bigint[]) and event_code = {CANCEL} and (occurred_at, id) <= (%s, %s)
        and id <= %s
    group by 1
"""
_USUAL = f"""
    select count(*), (array_agg(volume_e6 order by volume_e6))[(count(*) + 1) / 2] from (
        select volume_e6 from transactions_marketevent
        where owner_symbol_key = %s and event_code = {ORDER} and (occurred_at, id) < (%s, %s) and id < %s
        order by occurred_at desc, id desc limit 499) x
"""


class Order(NamedTuple):
    """A stored order; depth is what rested on its side, as it was said."""

    id: int
    at: datetime
    side: int | None
    price: int
    volume: int
    depth: int | None
    key: int


def named_order(situation: Situation) -> Order | None:
    event = situation.event
    if event["event_code"] == ORDER or event["order_key"] is None:
        return None
    found = rows("order", _ORDER, event["order_key"], situation.at, event["id"], event["id"])
    return Order(*found[0]) if found else None


def usual_order(situation: Situation, before: datetime, event_id: int) -> tuple[int, int | None]:
    """How many orders of the owner came before, 499 at most, and their median."""
    key = situation.event["owner_symbol_key"]
    return rows("usual_order", _USUAL, key, before, event_id, event_id)[0]


def cancelled_of(
    situation: Situation, orders: Sequence[Order], until: datetime
) -> dict[int, tuple[int, int]]:
    """By order: what was cancelled up to a moment, and after it up to the event."""
    event_id = situation.event["id"]
    keys = [order.key for order in orders]
    found = rows("cancelled", _CANCELLED, until, until, keys, situation.at, event_id, event_id)
    return {key: (whole(early), whole(late)) for key, early, late in found}


def placed_orders(situation: Situation, since: datetime, until: datetime) -> list[Order]:
    """The owner's orders after `since` up to `until`, in order of time; the newest 500."""
    event = situation.event
    found = rows("placed", _PLACED, event["owner_symbol_key"], since, until, event["id"])
    return [Order(*row) for row in reversed(found)]
