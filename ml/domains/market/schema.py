"""The market request: its fields, and its form as integer columns."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np

from ml.domains.fields import Problem, RecordReader, RecordRefused
from ml.domains.moments import microseconds
from ml.domains.readers import Context, Field
from ml.features.columns import MARKET_COLUMNS
from ml.features.keys import entity_key
from ml.features.spec import NULL

EVENTS = ("order", "cancel", "trade")
ORDER, CANCEL, TRADE = 1, 2, 3
SIDES = ("buy", "sell")
BUY, SELL = 1, 2
PRICE, VOLUME = 10**8, 10**6  # the steps in which prices and quantities are kept
LARGEST_PRICE, LARGEST_VOLUME = 10.0**10, 10.0**12
LARGEST_VALUE = 10**15  # of price times volume
FIELDS = (
    Field("symbol", "text", "What is traded.", required=True, limit=64, example="MSFT"),
    Field(
        "price",
        "number",
        "Price of one unit, above 0; kept to 8 decimal places.",
        required=True,
        minimum=1 / PRICE,
        maximum=LARGEST_PRICE,
        example=425.5,
    ),
    Field(
        "volume",
        "number",
        "Quantity ordered, cancelled or traded, above 0; kept to 6 decimal places.",
        required=True,
        minimum=1 / VOLUME,
        maximum=LARGEST_VOLUME,
        example=12000,
    ),
    Field("trader_id", "text", "Account that orders, cancels or trades.", required=True, example="TR-99"),
    Field("event_id", "text", "The client's own id; idempotency key."),
    Field("event", "choice", "What happened; default trade.", choices=EVENTS, example="trade"),
    Field("side", "choice", "The trader's side.", choices=SIDES, example="buy"),
    Field("order_id", "text", "The order: its own, or the one cancelled or filled."),
    Field("owner_group", "text", "Who stands behind the account; default the account itself."),
    Field(
        "side_depth",
        "number",
        "Quantity resting on this side of the book, with this order.",
        minimum=0,
        maximum=LARGEST_VOLUME,
    ),
    Field("counterparty_id", "text", "Account on the other side of a trade."),
    Field("venue", "text", "Where it happened; its trading hours stand in the policy.", limit=32),
    Field("occurred_at", "time", "When it happened; default: the moment it is decided."),
)
READER = RecordReader(FIELDS)


def parse(record: Mapping[str, Any], *, now: datetime, text: bool = False) -> dict[str, Any]:
    """Clean values of a request; raises RecordRefused naming every problem."""
    values = READER.read(record, Context(now, text))
    values.setdefault("event", "trade")
    problems = []
    if values["event"] == "cancel" and "order_id" not in values:
        problems.append(Problem("order_id", "required", "is required for a cancel: which order is it about?"))
    if values["price"] * values["volume"] >= LARGEST_VALUE:
        problems.append(
            Problem("volume", "too_large", f"times price must be below {LARGEST_VALUE:,}; check the units")
        )
    if problems:
        raise RecordRefused(problems)
    return values


def owner_of(values: Mapping[str, Any]) -> str:
    """Who stands behind an event, as text that tells groups and single accounts apart."""
    return f"group {values['owner_group']}" if "owner_group" in values else f"account {values['trader_id']}"


def encode(values: Mapping[str, Any], moment: datetime) -> dict[str, int | None]:
    """The integer columns of parsed values. `held_symbol_key` is there for trades alone: they move bars."""
    symbol, trader, event = values["symbol"], values["trader_id"], EVENTS.index(values["event"]) + 1
    price, volume = steps(values["price"], PRICE), steps(values["volume"], VOLUME)
    symbol_key = entity_key("symbol", symbol)
    columns: dict[str, int | None] = {
        "event_code": event,
        "side_code": SIDES.index(values["side"]) + 1 if "side" in values else None,
        "price_e8": price,
        "volume_e6": volume,
        "side_depth_e6": steps(values["side_depth"], VOLUME) if "side_depth" in values else None,
        "amount_minor": price * volume * 100 // (PRICE * VOLUME),
        "symbol_key": symbol_key,
        "held_symbol_key": symbol_key if event == TRADE else None,
        "trader_key": entity_key("trader", trader),
        "owner_key": entity_key("owner", owner_of(values)),
        "owner_symbol_key": _within("owner", symbol, owner_of(values)),
        "order_key": None,
        "counterparty_key": None,
    }
    if "order_id" in values:
        columns["order_key"] = _within("order", symbol, f"{trader}\0{values['order_id']}")
    if "counterparty_id" in values:
        columns["counterparty_key"] = entity_key("trader", values["counterparty_id"])
    return columns | _flow(values, columns)


def _flow(values: Mapping[str, Any], columns: Mapping[str, int | None]) -> dict[str, int | None]:
    """Who sold to whom in this symbol, when both sides of a trade are known."""
    other, side = values.get("counterparty_id"), columns["side_code"]
    if columns["event_code"] != TRADE or other is None or side is None:
        return {"seller_symbol_key": None, "buyer_symbol_key": None}
    own, their = (account_key(values["symbol"], account) for account in (values["trader_id"], other))
    return {
        "seller_symbol_key": own if side == SELL else their,
        "buyer_symbol_key": own if side == BUY else their,
    }


def account_key(symbol: str, account: str) -> int:
    """The key of an account within one symbol."""
    return _within("trader", symbol, account)


def _within(kind: str, symbol: str, text: str) -> int:
    return entity_key(kind, f"{symbol}\0{text}")  # no text that was sent contains a NUL


def steps(number: float, size: int) -> int:
    """A price or quantity in whole steps, half to even; at least one step."""
    return max(int((Decimal(str(number)) * size).quantize(Decimal(1), ROUND_HALF_EVEN)), int(number > 0))


def columns(events: Iterable[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """Event columns of many parsed events as int64 arrays, missing as NULL, ids 1..n in the given order."""
    rows = [encode(event, event["occurred_at"]) | _placed(event, n) for n, event in enumerate(events, 1)]
    return {
        name: np.array([NULL if row.get(name) is None else row[name] for row in rows], np.int64)
        for name in MARKET_COLUMNS
    }


def _placed(event: Mapping[str, Any], number: int) -> dict[str, int]:
    return {"id": number, "occurred_at": microseconds(event["occurred_at"])}
