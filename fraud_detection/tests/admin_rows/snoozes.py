"""A snooze of a rule."""

from datetime import timedelta

from django.utils import timezone

from fraud_detection.services.snoozing import snooze_rule


def make(user) -> None:
    snooze_rule(
        engine="payments",
        rule="ACCOUNT_DRAIN",
        subject_kind="sender",
        subject="acc-9",
        reason="Closes this account every month",
        until=timezone.now() + timedelta(days=30),
        acting_user=user,
    )
