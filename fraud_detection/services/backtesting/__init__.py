"""Backtests: a wording replayed over stored decisions, with what became known of them."""

from fraud_detection.services.backtesting.listing import hits_csv
from fraud_detection.services.backtesting.running import run_backtest
from fraud_detection.services.backtesting.starting import (
    BacktestEnded,
    BacktestRefused,
    Terms,
    TooManyBacktests,
    cancel_backtest,
    start_backtest,
    usual_terms,
)
from fraud_detection.services.backtesting.tending import tend_backtests

__all__ = [
    "BacktestEnded",
    "BacktestRefused",
    "Terms",
    "TooManyBacktests",
    "cancel_backtest",
    "hits_csv",
    "run_backtest",
    "start_backtest",
    "tend_backtests",
    "usual_terms",
]
