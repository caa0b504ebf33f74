"""A trade among its owner's own: mirrored pairs, the close of a session, and pushes of the price."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from fraud_detection.services.measuring.market.situation import Situation, rows, whole
from fraud_detection.services.measuring.market.symbols import Today, newest_price, traded
from ml.domains.market.fills import Fill, mirrors, ramp_before
from ml.domains.market.schema import TRADE
from transactions.models import MarketPattern
from transactions.services import store_market_pattern

PPM = 1_000_000
INSTANT = timedelta(microseconds=1)
WASH = MarketPattern.Kind.WASH.value
MOST_MIRRORS = 20
_FILLS = f"""
    select id, occurred_at, side_code, price_e8, volume_e6 from transactions_marketevent
    where owner_symbol_key = %s and event_code = {TRADE} and occurred_at > %s
        and (occurred_at, id) <= (%s, %s) and id <= %s
    order by occurred_at desc, id desc limit 500
"""
_PARTIES = (
    "select id, trader_key, counterparty_key from transactions_marketevent where id = any(%s::bigint[])"
)
_OWNERS = """
    select k, (select owner_key from transactions_marketevent
               where trader_key = k and (occurred_at, id) <= (%s, %s) and id <= %s
               order by occurred_at desc, id desc limit 1)
    from unnest(%s::bigint[]) k
"""
_PATTERNS = """
    select event_id, other_id, volume_e6 from transactions_marketpattern
    where owner_symbol_key = %s and kind = %s and occurred_at >= %s and occurred_at <= %s and event_id <= %s
    order by occurred_at desc limit 1000
"""
_YESTERDAY = f"""
    select coalesce(sum(volume_e6), 0) from (
        select volume_e6 from transactions_marketevent
        where owner_symbol_key = %s and event_code = {TRADE} and occurred_at > %s and occurred_at < %s
        order by occurred_at desc, id desc limit 5000) x
"""
_POSITION = """
    select coalesce(sum(bought_e6), 0), coalesce(sum(sold_e6), 0) from (
        select bought_e6, sold_e6 from transactions_marketaccountday
        where owner_symbol_key = %s and date < %s order by date desc limit 750) days
"""


def own_fills(situation: Situation, since: datetime) -> list[Fill]:
    """The owner's trades in the symbol after `since` up to the event, in order of time; the newest 500."""
    event = situation.event
    key = event["owner_symbol_key"]
    found = rows("fills", _FILLS, key, since, situation.at, event["id"], event["id"])
    return [Fill(*row) for row in reversed(found)]


def patterns(situation: Situation, kind: int, since: datetime) -> list[tuple[int, int | None, int]]:
    """(event, other, quantity) of the owner's pieces of schemes from `since` to the event."""
    event = situation.event
    return rows("patterns", _PATTERNS, event["owner_symbol_key"], kind, since, situation.at, event["id"])


def trade_measures(situation: Situation, day: Today) -> dict[str, int | None]:
    """Wash pairs, the close and ramps; of an order or cancel there is nothing to find."""
    if not situation.is_trade:
        return {"wash.pair": 0, "close.in": 0, "ramp.trades": 0}
    ramping = situation.settings["ramping"]
    fills = own_fills(situation, situation.before(minutes=ramping["minutes"] + ramping["reverse_minutes"]))
    trade = fills.pop()
    return {
        **_wash(situation, trade, fills, day),
        **_close(situation, trade, [*fills, trade], day),
        **_ramp(situation, trade, fills),
    }


# ---- wash pairs


def _wash(situation: Situation, trade: Fill, fills: Sequence[Fill], day: Today) -> dict[str, int | None]:
    event = situation.event
    other = event["counterparty_key"]
    itself = other is not None and event["owner_key"] in _owners(situation, {other}).values()
    if trade.side is None and not itself:
        return {}
    if itself or other is None:
        pair, found = _mirrored(situation, trade, fills, itself)
    else:
        pair, found = False, None
    if pair:
        store_market_pattern(
            WASH,
            owner_symbol_key=event["owner_symbol_key"],
            at=situation.at,
            event_id=trade.id,
            other_id=found.id if found else None,
            volume_e6=trade.volume + (found.volume if found else 0),
        )
    pairs = patterns(situation, WASH, situation.before(hours=24) + INSTANT)
    return {
        "wash.pair": int(pair),
        "own.volume.24h": _own_volume(situation, day) if pair else None,
        "wash.pairs.24h": len(pairs),
        "wash.volume.24h": sum(volume for _, _, volume in pairs),
    }


def _own_volume(situation: Situation, day: Today) -> int:
    """The owner's quantity in 24 hours: of today, and of yesterday's trades the newest 5,000."""
    key, since = situation.event["owner_symbol_key"], situation.before(hours=24)
    return day.own_volume + whole(rows("yesterday", _YESTERDAY, key, since, situation.day_start)[0][0])


def _mirrored(
    situation: Situation, trade: Fill, fills: Sequence[Fill], itself: bool
) -> tuple[bool, Fill | None]:
    """Whether the trade completes a pair, and the trade it mirrors; a trade belongs to one pair at most."""
    settings = situation.settings["wash"]
    candidates = mirrors(trade, fills, settings)[:MOST_MIRRORS]
    if not candidates:
        return itself, None
    taken = patterns(situation, WASH, situation.before(seconds=2 * settings["seconds"]))
    alone = {event for event, other, _ in taken if other is None}
    used = {id for event, other, _ in taken for id in (event, other)}
    parties = {id: pair for id, *pair in rows("parties", _PARTIES, [fill.id for fill in candidates])}
    own, event = situation.event["owner_key"], situation.event
    owners = _owners(situation, {other for _, other in parties.values() if other is not None})
    for fill in candidates:
        trader, other = parties[fill.id]
        if fill.id in alone and (trader, other) == (event["counterparty_key"], event["trader_key"]):
            return False, None  # the other side's report of a trade that counted when it came in
        if fill.id not in used and (other is None or owners.get(other) == own):
            return True, fill
    return itself, None


def _owners(situation: Situation, accounts: set[int]) -> dict[int, int | None]:
    """Who stood behind each account in its newest event so far."""
    if not accounts:
        return {}
    event_id = situation.event["id"]
    return dict(rows("owners", _OWNERS, situation.at, event_id, event_id, sorted(accounts)))


# ---- the close


def _close(situation: Situation, trade: Fill, fills: Sequence[Fill], day: Today) -> dict[str, int | None]:
    session, settings = situation.session, situation.settings["closing"]
    since = session and session.closes - timedelta(minutes=settings["minutes"])
    if session is None or not since < situation.at <= session.closes:
        return {"close.in": 0}
    window = traded(situation, since, situation.at)
    before = traded(situation, since - timedelta(minutes=settings["before_minutes"]), since)
    usual = before.average_price
    return {
        "close.in": 1,
        "close.own": sum(fill.volume for fill in fills if fill.at > since),
        "close.volume": window.volume,
        "close.before.trades": before.trades,
        "close.before.vwap": usual,
        "close.favours": None if usual is None else _favours(situation, trade.price - usual, day),
    }


def _favours(situation: Situation, move: int, day: Today) -> int | None:
    """Whether a move of the price is worth something to the owner; None when its sides are not known."""
    key = situation.event["owner_symbol_key"]
    bought, sold = (whole(each) for each in rows("position", _POSITION, key, situation.day)[0])
    bought, sold = bought + day.own_bought, sold + day.own_sold
    if bought + sold == 0:
        return None
    return int((bought - sold) * move > 0)


# ---- ramps


def _ramp(situation: Situation, trade: Fill, fills: Sequence[Fill]) -> dict[str, int | None]:
    if trade.side is None:
        return {}
    settings = situation.settings["ramping"]
    ramp = ramp_before(trade, fills, settings)
    if ramp is None:
        return {"ramp.trades": 0}
    since = ramp.last.at - timedelta(minutes=settings["minutes"])
    before = newest_price(situation, ramp.first.at, ramp.first.id) or ramp.first.price
    direction = 1 if ramp.last.side == 1 else -1
    return {
        "ramp.trades": ramp.trades,
        "ramp.own": ramp.volume,
        "ramp.volume": traded(situation, since, ramp.last.at).volume,
        "ramp.move": round(direction * PPM * (ramp.last.price - before) / before),
        "ramp.reversed": ramp.reversed,
    }
