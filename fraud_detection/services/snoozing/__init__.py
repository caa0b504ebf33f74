"""Rules told to keep quiet about one entity: who may, for how long, and what decisions make of it."""

from fraud_detection.services.snoozing.asking import SnoozeRefused, end_snooze, snooze_rule
from fraud_detection.services.snoozing.standing import (
    NO_SNOOZES,
    Snoozes,
    snoozes_mark,
    snoozes_recorded,
    standing_snoozes,
)

__all__ = [
    "NO_SNOOZES",
    "SnoozeRefused",
    "Snoozes",
    "end_snooze",
    "snooze_rule",
    "snoozes_mark",
    "snoozes_recorded",
    "standing_snoozes",
]
