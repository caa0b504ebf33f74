"""Closed loops of accounts through the trade at hand, among the trades of 24 hours."""

from fraud_detection.services.measuring.market.situation import Situation, rows, whole
from ml.domains.market.loops import Flows, Loop, best_loop

MOST_ACCOUNTS = 20  # that a search follows from one step to the next, those with most volume first
_FLOWS = """
    with given (since, at, newest) as (values (%s::timestamptz, %s::timestamptz, %s::bigint))
    select k, e.to_key, sum(e.volume_e6) from given, unnest(%s::bigint[]) k cross join lateral (
        select buyer_symbol_key as to_key, volume_e6 from transactions_marketevent
        where seller_symbol_key = k and occurred_at > since and (occurred_at, id) <= (at, newest)
            and id <= newest
        order by occurred_at desc, id desc limit 200) e
    group by 1, 2
"""


def loop_measures(situation: Situation) -> dict[str, int | None]:
    """The loop that this trade is part of; nothing can be said without a counterparty and a side."""
    if not situation.is_trade:
        return {"loop.accounts": 0}
    if situation.event["seller_symbol_key"] is None:
        return {}
    loop = found_loop(situation)
    if loop is None:
        return {"loop.accounts": 0}
    return {"loop.accounts": len(loop.accounts), "loop.net": loop.net, "loop.volume": loop.volume}


def found_loop(situation: Situation) -> Loop | None:
    """Who passed the symbol round to whom, this trade included."""
    seller, buyer = situation.event["seller_symbol_key"], situation.event["buyer_symbol_key"]
    if seller == buyer:
        return None
    settings = situation.settings["loop"]
    flows = _flows(situation, seller, buyer, settings["accounts"])
    return best_loop(flows, seller, buyer, most_accounts=settings["accounts"], uneven=settings["uneven"])


def _flows(situation: Situation, seller: int, buyer: int, most: int) -> Flows:
    """What was sold from account to account, followed from the buyer as far as a loop may reach."""
    flows: dict[int, dict[int, int]] = {}
    front = [seller, buyer]
    for _ in range(most - 1):
        reached: dict[int, int] = {}
        for account, following, volume in _sold(situation, front):
            flows.setdefault(account, {})[following] = whole(volume)
            if account != seller:
                reached[following] = reached.get(following, 0) + whole(volume)
        new = [account for account in reached if account not in flows and account not in (seller, buyer)]
        front = sorted(new, key=lambda account: (-reached[account], account))[:MOST_ACCOUNTS]
        if not front:
            break
    return flows


def _sold(situation: Situation, accounts: list[int]) -> list[tuple[int, int, int]]:
    event_id = situation.event["id"]
    since = situation.before(hours=24)
    return rows("flows", _FLOWS, since, situation.at, event_id, accounts)
