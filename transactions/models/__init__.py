"""The events that client systems send, what became known about them, and the rates that compare them."""

from transactions.models.applications import CreditApplication
from transactions.models.claims import ClaimProvider, InsuranceClaim, ProviderDay
from transactions.models.markets import (
    MarketAccountDay,
    MarketBar,
    MarketEvent,
    MarketEventType,
    MarketMinute,
    MarketPattern,
    Side,
)
from transactions.models.outcomes import Label, LabelSource, Status, StatusChange, Verdict
from transactions.models.rates import FxRate
from transactions.models.transaction import Channel, Transaction, TransactionType

__all__ = [
    "Channel",
    "ClaimProvider",
    "CreditApplication",
    "FxRate",
    "InsuranceClaim",
    "Label",
    "LabelSource",
    "MarketAccountDay",
    "MarketBar",
    "MarketEvent",
    "MarketEventType",
    "MarketMinute",
    "MarketPattern",
    "ProviderDay",
    "Side",
    "Status",
    "StatusChange",
    "Transaction",
    "TransactionType",
    "Verdict",
]
