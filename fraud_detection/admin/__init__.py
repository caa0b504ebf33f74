"""The admin site of detection, by noun; Django finds its pages by importing this."""

from fraud_detection.admin import (
    backtests,
    decisions,
    definitions,
    histories,
    jobs,
    lists,
    policies,
    privacy,
    registry,
    rulebook,
    rules,
    snoozes,
    streams,
)

__all__ = [
    "backtests",
    "decisions",
    "definitions",
    "histories",
    "jobs",
    "lists",
    "policies",
    "privacy",
    "registry",
    "rulebook",
    "rules",
    "snoozes",
    "streams",
]
