"""Watching rules: what each did by day, what it costs, and what stands out."""

from fraud_detection.services.rule_watch.reading import (
    FLAGS,
    RuleFigures,
    ShadowFigures,
    days_of,
    figures_of,
    shadow_figures,
)
from fraud_detection.services.rule_watch.watching import rebuild_days, watch_rules

__all__ = [
    "FLAGS",
    "RuleFigures",
    "ShadowFigures",
    "days_of",
    "figures_of",
    "rebuild_days",
    "shadow_figures",
    "watch_rules",
]
