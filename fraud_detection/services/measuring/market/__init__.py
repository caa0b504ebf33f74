"""Measures of market events: bounded reads of what is stored, and the pieces of schemes they show."""

from collections.abc import Mapping
from typing import Any

from fraud_detection.services.measuring.market.findings import FOUND
from fraud_detection.services.measuring.market.loops import loop_measures
from fraud_detection.services.measuring.market.orders import order_measures
from fraud_detection.services.measuring.market.pump import pump_measures
from fraud_detection.services.measuring.market.situation import LARGEST, Situation
from fraud_detection.services.measuring.market.symbols import earlier_bars, symbol_measures, today
from fraud_detection.services.measuring.market.trades import trade_measures


def measured(event: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, int | None]:
    """Every measure of a stored event by name; what is absent cannot be said."""
    situation = Situation(event, settings)
    day, bars = today(situation), earlier_bars(situation)
    found = {
        **symbol_measures(situation, day, bars),
        **pump_measures(situation, bars),
        **trade_measures(situation, day),
        **loop_measures(situation),
        **order_measures(situation, day),
    }
    return {name: None if value is None else min(value, LARGEST) for name, value in found.items()}


__all__ = ["FOUND", "measured"]
