"""Market: signs of manipulation in orders, cancels and trades.

Conditions read the features of ml.domains.market.features.MARKET. A hit is an indicator, not a proof.
"""

from fraud_detection.engines.market.answer import respond
from fraud_detection.engines.market.orders import ORDERS
from fraud_detection.engines.market.trades import TRADES
from fraud_detection.rules.spec import RuleSpec
from ml.domains.market.settings import SETTINGS, check_settings

RULES: tuple[RuleSpec, ...] = (*TRADES, *ORDERS)

__all__ = ["RULES", "SETTINGS", "check_settings", "respond"]
