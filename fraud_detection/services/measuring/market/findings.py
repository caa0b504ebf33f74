"""What a hit rests on: the window it looked at, and the client's ids of at most 50 events in it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from fraud_detection.services.measuring.market.book import named_order
from fraud_detection.services.measuring.market.loops import found_loop
from fraud_detection.services.measuring.market.orders import SPOOF
from fraud_detection.services.measuring.market.pump import find_dumper, find_peak
from fraud_detection.services.measuring.market.situation import Situation, rows
from fraud_detection.services.measuring.market.symbols import earlier_bars
from fraud_detection.services.measuring.market.trades import INSTANT, WASH, own_fills, patterns
from fraud_detection.services.responses import timestamp
from fraud_detection.services.serving import serving
from ml.domains.market.fills import ramp_before

MOST = 50
Found = dict[str, Any]
_IDS = "select event_id from transactions_marketevent where id = any(%s::bigint[]) order by occurred_at, id"
_SYMBOL = f"""
    select id from transactions_marketevent
    where symbol_key = %s and event_code = 3 and occurred_at > %s and (occurred_at, id) <= (%s, %s)
        and id <= %s
    order by occurred_at desc, id desc limit {MOST}
"""
_OWNER = f"""
    select id, owner_group, trader_id from transactions_marketevent
    where owner_symbol_key = %s and event_code = 3 and occurred_at >= %s and (occurred_at, id) <= (%s, %s)
        and id <= %s
    order by occurred_at desc, id desc limit {MOST}
"""
_TRADER_ORDERS = f"""
    select id from transactions_marketevent
    where trader_key = %s and occurred_at > %s and (occurred_at, id) <= (%s, %s)
        and id <= %s and event_code < 3
    order by occurred_at desc, id desc limit {MOST}
"""
_OWN_ORDERS = f"""
    select id, order_key from transactions_marketevent
    where owner_symbol_key = %s and event_code = 1 and side_code = %s and occurred_at > %s
        and (occurred_at, id) < (%s, %s) and id < %s
    order by occurred_at desc, id desc limit {MOST // 2}
"""
_CANCELS = """
    select id from transactions_marketevent
    where order_key = any(%s::bigint[]) and event_code = 2 and (occurred_at, id) <= (%s, %s) and id <= %s
    order by occurred_at desc limit 50
"""
_ORDER_KEYS = "select order_key from transactions_marketevent where id = any(%s::bigint[])"
_LEG = f"""
    select id, trader_id, counterparty_id, side_code from transactions_marketevent
    where seller_symbol_key = %s and buyer_symbol_key = %s and occurred_at > %s
        and (occurred_at, id) <= (%s, %s) and id <= %s
    order by occurred_at desc, id desc limit {MOST // 3}
"""


def _situation(event: Mapping[str, Any]) -> Situation:
    return Situation(event, serving("market").policy.settings)


def _here(situation: Situation) -> tuple[datetime, int, int]:
    return situation.at, situation.event["id"], situation.event["id"]


def _found(situation: Situation, since: datetime, ids: list[int]) -> Found:
    """The event at hand is always among them; the newest when there are more than 50."""
    chosen = sorted({*ids, situation.event["id"]})[-MOST:]
    return {
        "window": {"from": timestamp(since), "to": timestamp(situation.at)},
        "events": [event_id for (event_id,) in rows("ids", _IDS, chosen)],
    }


def pump(event: Mapping[str, Any], metadata: Mapping[str, Any]) -> Found:
    """The trades of the account that sold near the peak, or else the newest of the day."""
    situation = _situation(event)
    since = situation.before(days=1)
    peak = find_peak(situation, earlier_bars(situation))
    dumper = find_dumper(situation, peak) if peak else None
    if dumper is None:
        found = rows("evidence_symbol", _SYMBOL, event["symbol_key"], since, *_here(situation))
        return {"stage": "watch"} | _found(situation, since, [id for (id,) in found])
    since = situation.calendar.bounds(peak.day)[0]
    trades = rows("evidence_owner", _OWNER, dumper.key, since, *_here(situation))
    group, trader = trades[0][1:] if trades else (None, None)
    stage = "confirmed" if _confirmed(metadata) else "watch"
    return {"stage": stage, "account": group or trader} | _found(situation, since, [row[0] for row in trades])


def _confirmed(metadata: Mapping[str, Any]) -> bool:
    wanted = metadata["thresholds"]
    pairs = (
        ("pump_retraced", "min_retraced"),
        ("dumper_sold_share", "min_sold"),
        ("dumper_volume_share", "min_volume_share"),
    )
    return all((metadata.get(name) or 0) >= wanted[limit] for name, limit in pairs)


def wash(event: Mapping[str, Any], metadata: Mapping[str, Any]) -> Found:
    """Both trades of every pair."""
    situation = _situation(event)
    since = situation.before(hours=24)
    pairs = patterns(situation, WASH, since + INSTANT)[: MOST // 2]
    ids = [id for first, other, _ in pairs for id in (first, other) if id is not None]
    return _found(situation, since, ids)


def close(event: Mapping[str, Any], metadata: Mapping[str, Any]) -> Found:
    """The owner's trades of the last minutes."""
    situation = _situation(event)
    if situation.session is None:
        return {}
    minutes = situation.settings["closing"]["minutes"]
    since = situation.session.closes - timedelta(minutes=minutes)
    return _found(situation, since, [fill.id for fill in own_fills(situation, since)])


def ramping(event: Mapping[str, Any], metadata: Mapping[str, Any]) -> Found:
    """The push, and what was traded back since."""
    situation = _situation(event)
    settings = situation.settings["ramping"]
    *fills, trade = own_fills(
        situation, situation.before(minutes=settings["minutes"] + settings["reverse_minutes"])
    )
    ramp = ramp_before(trade, fills, settings)
    if ramp is None:
        return {}
    back = [fill.id for fill in fills if fill.side == trade.side and fill.at >= ramp.last.at]
    return _found(situation, ramp.first.at, [*ramp.ids, *back])


def circular(event: Mapping[str, Any], metadata: Mapping[str, Any]) -> Found:
    """The trades along the loop, and who they were between in the order of the flow."""
    situation = _situation(event)
    loop = found_loop(situation)
    if loop is None:
        return {}
    ids, accounts, since = [], [], situation.before(hours=24)
    for seller, buyer in zip(loop.accounts, (*loop.accounts[1:], loop.accounts[0]), strict=True):
        leg = rows("evidence_leg", _LEG, seller, buyer, since, *_here(situation))
        ids += [row[0] for row in leg]
        _, trader, other, side = leg[0]
        accounts.append(trader if side == 2 else other)
    return {"accounts": accounts} | _found(situation, since, ids)


def spoofing(event: Mapping[str, Any], metadata: Mapping[str, Any]) -> Found:
    """The spoofed orders of the session and their cancels."""
    situation = _situation(event)
    orders = [order for order, _, _ in patterns(situation, SPOOF, situation.day_start)][: MOST // 2]
    keys = [key for (key,) in rows("order_keys", _ORDER_KEYS, orders)]
    cancels = [id for (id,) in rows("evidence_cancels", _CANCELS, keys, *_here(situation))]
    return _found(situation, situation.day_start, [*orders, *cancels[: MOST // 2]])


def layering(event: Mapping[str, Any], metadata: Mapping[str, Any]) -> Found:
    """The orders on the side of the cancelled one, their cancels, and the fills."""
    situation = _situation(event)
    settings = situation.settings["layering"]
    seconds = settings["cancel_seconds"] + 2 * settings["order_seconds"]
    since = situation.before(seconds=seconds)
    order = named_order(situation)
    if order is None:
        return {}
    own = event["owner_symbol_key"]
    orders = rows("evidence_orders", _OWN_ORDERS, own, order.side, since, *_here(situation))
    cancels = rows("evidence_cancels", _CANCELS, [key for _, key in orders if key], *_here(situation))
    fills = own_fills(situation, situation.before(seconds=settings["cancel_seconds"]))
    ids = [id for id, *_ in (*orders, *cancels)] + [fill.id for fill in fills]
    return _found(situation, since, ids)


def cancellation(event: Mapping[str, Any], metadata: Mapping[str, Any]) -> Found:
    """The newest orders and cancels of the hour."""
    situation = _situation(event)
    since = situation.before(hours=1)
    found = rows("evidence_trader", _TRADER_ORDERS, event["trader_key"], since, *_here(situation))
    return _found(situation, since, [id for (id,) in found])


FOUND: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Found]] = {
    "Pump And Dump": pump,
    "Wash Trade": wash,
    "Marking The Close": close,
    "Ramping": ramping,
    "Circular Trading": circular,
    "Spoofing": spoofing,
    "Layering": layering,
    "Abusive Cancellation": cancellation,
}
