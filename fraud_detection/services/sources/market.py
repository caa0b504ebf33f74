"""Orders, cancels and trades as events."""

from collections.abc import Mapping
from typing import Any

from fraud_detection.services.serving import serving
from fraud_detection.services.sources.source import Source
from ml.domains.market import schema
from ml.domains.market.calendar import calendar_of
from transactions.models import MarketEvent
from transactions.services import Kind, count_market_event


def count(event: Mapping[str, Any]) -> None:
    """Add a stored event to the minute, the days and the owner it belongs to."""
    calendar = calendar_of(serving("market").policy.settings, event.get("venue"))
    count_market_event(event, calendar.day_of(event["occurred_at"]))


MARKET = Source(
    engine="market",
    kind=Kind(MarketEvent, "event_id"),
    parse=schema.parse,
    encode=schema.encode,
    fields=schema.FIELDS,
    # A trade holds its symbol, whose minutes and days it moves; orders and cancels hold only their own.
    locked=("held_symbol_key", "owner_symbol_key", "trader_key"),
    customer=("trader_id",),
    subjects={"symbol": "symbol", "trader": "trader_id", "owner": "owner_group"},
    count=count,
)
