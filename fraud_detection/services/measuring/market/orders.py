"""An order's fate: spoofed orders, layers that vanish, and orders that are hardly ever meant."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from fraud_detection.services.measuring.market.book import (
    Order,
    cancelled_of,
    named_order,
    placed_orders,
    usual_order,
)
from fraud_detection.services.measuring.market.situation import Situation, rows
from fraud_detection.services.measuring.market.symbols import Today
from fraud_detection.services.measuring.market.trades import INSTANT, own_fills, patterns
from ml.domains.market.features import KNOWN, UNKNOWN
from ml.domains.market.fills import Fill, opposite, reaches
from ml.domains.market.schema import CANCEL, ORDER
from transactions.models import MarketPattern
from transactions.services import store_market_pattern

SPOOF = MarketPattern.Kind.SPOOF.value
_HOUR = f"""
    with placed as (
        select order_key from (
            select event_code, order_key, occurred_at, id from transactions_marketevent
            where trader_key = %s and occurred_at > %s and (occurred_at, id) <= (%s, %s) and id <= %s
            order by occurred_at desc, id desc limit 2000) newest
        where event_code = {ORDER} order by occurred_at desc, id desc limit 500)
    select count(*), count(*) filter (where exists (
        select from transactions_marketevent c
        where c.order_key = placed.order_key and c.event_code = {CANCEL}
            and (c.occurred_at, c.id) <= (%s, %s) and c.id <= %s))
    from placed
"""


def order_measures(situation: Situation, day: Today) -> dict[str, int | None]:
    """Spoofing, layering and cancellation; nothing can be said where no orders are sent."""
    event = situation.event
    order = named_order(situation)
    measures: dict[str, int | None] = {"order_reference": _reference(situation, order)}
    measures |= _hour(situation)
    if day.own_orders == 0 and situation.is_trade:
        return measures
    measures["own.orders.known"] = usual_order(situation, situation.at, event["id"])[0]
    return measures | spoof_measures(situation, order) | layer_measures(situation, order)


def _reference(situation: Situation, order: Order | None) -> int | None:
    event = situation.event
    if event["event_code"] == ORDER or event["order_key"] is None:
        return None
    return KNOWN if order else UNKNOWN


def _hour(situation: Situation) -> dict[str, int | None]:
    event = situation.event
    here = (situation.at, event["id"], event["id"])
    found = rows("hour", _HOUR, event["trader_key"], situation.before(hours=1), *here, *here)
    orders, cancelled = found[0]
    if orders == 0 and situation.is_trade:
        return {}
    return {"trader.orders.1h": orders, "trader.cancelled.1h": cancelled}


# ---- spoofed orders


class Spoofed(NamedTuple):
    """An order withdrawn in time, with what it is compared with."""

    order: Order
    cancelled: int
    usual: int


def spoof_measures(situation: Situation, order: Order | None) -> dict[str, int | None]:
    """Whether this event completes spoofed orders, and how many there were in the session."""
    if situation.event["event_code"] == CANCEL and (order is None or None in (order.side, order.depth)):
        return {}
    earlier = {event for event, _, _ in patterns(situation, SPOOF, situation.day_start)}
    candidates = [each for each in _candidates(situation, order) if each.id not in earlier]
    fills = own_fills(situation, situation.before(seconds=_longest(situation))) if candidates else []
    found = [spoofed for each in candidates if (spoofed := _spoofed(situation, each, fills))]
    for spoofed in found:
        store_market_pattern(
            SPOOF,
            owner_symbol_key=situation.event["owner_symbol_key"],
            at=situation.at,
            event_id=spoofed.order.id,
            other_id=None,
            volume_e6=spoofed.order.volume,
        )
    measures = {"spoof.completed": int(bool(found)), "spoof.session": len(earlier) + len(found)}
    return measures | (_details(found[-1]) if found else {})


def _details(spoofed: Spoofed) -> dict[str, int | None]:
    return {
        "spoof.volume": spoofed.order.volume,
        "spoof.median": spoofed.usual,
        "spoof.depth": spoofed.order.depth,
        "spoof.cancelled": spoofed.cancelled,
    }


def _longest(situation: Situation) -> float:
    settings = situation.settings["spoof"]
    return settings["cancel_seconds"] + settings["fill_seconds"]


def _candidates(situation: Situation, order: Order | None) -> list[Order]:
    """The order that is cancelled, or those that a fill on the other side may have followed."""
    event = situation.event
    if event["event_code"] == ORDER:
        return []
    if event["event_code"] == CANCEL:
        return [order] if order else []
    if event["side_code"] is None:
        return []
    since = situation.before(seconds=situation.settings["spoof"]["fill_seconds"]) - INSTANT
    return [
        each
        for each in placed_orders(situation, since, situation.at)
        if each.side == opposite(event["side_code"]) and each.depth is not None
    ]


def _spoofed(situation: Situation, order: Order, fills: Sequence[Fill]) -> Spoofed | None:
    settings = situation.settings["spoof"]
    in_time = order.at + timedelta(seconds=settings["cancel_seconds"])
    filled_by = order.at + timedelta(seconds=settings["fill_seconds"])
    if not reaches(order.volume, settings["depth_share"], order.depth):
        return None
    if not any(fill.side == opposite(order.side) and order.at <= fill.at <= filled_by for fill in fills):
        return None
    cancelled, _ = cancelled_of(situation, [order], in_time).get(order.key, (0, 0))
    if not reaches(cancelled, settings["cancelled_share"], order.volume):
        return None
    _, usual = usual_order(situation, order.at, order.id)
    if usual is None or not reaches(order.volume, settings["median_ratio"], usual):
        return None
    return Spoofed(order, cancelled, usual)


# ---- layers


def layer_measures(situation: Situation, order: Order | None) -> dict[str, int | None]:
    """Of a cancel: the orders beside the cancelled one that stood when the other side was filled."""
    if situation.event["event_code"] != CANCEL:
        return {"layer.orders": 0}
    if order is None or order.side is None:
        return {}
    settings = situation.settings["layering"]
    since = situation.before(seconds=settings["cancel_seconds"])
    fills = [fill for fill in own_fills(situation, since) if fill.side == opposite(order.side)]
    layers = _layers(situation, order, fills[0]) if fills else []
    if not layers:
        return {"layer.orders": 0}
    return {
        "layer.orders": len(layers),
        "layer.levels": len({each.price for each, _, _ in layers}),
        "layer.volume": sum(resting for _, resting, _ in layers),
        "layer.filled": sum(fill.volume for fill in fills),
        "layer.cancelled": sum(cancelled for _, _, cancelled in layers),
    }


def _layers(situation: Situation, order: Order, fill: Fill) -> list[tuple[Order, int, int]]:
    """(order, what rested at the fill, what of it was cancelled since) of the minute before the fill."""
    seconds = timedelta(seconds=situation.settings["layering"]["order_seconds"])
    placed = placed_orders(situation, fill.at - 2 * seconds, fill.at)
    placed = [each for each in placed if each.side == order.side and each.id < situation.event["id"]]
    if not placed or placed[-1].at <= fill.at - seconds:
        return []
    placed = [each for each in placed if each.at > placed[-1].at - seconds]
    cancelled = cancelled_of(situation, placed, fill.at)
    found = [(each, *cancelled.get(each.key, (0, 0))) for each in placed]
    return [(each, each.volume - before, after) for each, before, after in found if each.volume > before]
