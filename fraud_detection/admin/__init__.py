"""The admin site of detection, by noun; Django finds its pages by importing this."""

from fraud_detection.admin import (
    backtests,
    decisions,
    definitions,
    histories,
    lists,
    policies,
    registry,
    rulebook,
    rules,
    snoozes,
)

__all__ = [
    "backtests",
    "decisions",
    "definitions",
    "histories",
    "lists",
    "policies",
    "registry",
    "rulebook",
    "rules",
    "snoozes",
]
