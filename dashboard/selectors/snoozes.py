"""Snoozes of rules as pages show them: the form beside a hit (`snooze`), the list of a rule (`snoozes`)."""

from fraud_detection.services.snoozing.forms import SnoozeForm, snooze_form, snoozes_of

__all__ = ["SnoozeForm", "snooze_form", "snoozes_of"]
