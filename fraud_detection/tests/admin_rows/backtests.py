from datetime import timedelta

from django.utils import timezone

from fraud_detection.models import Backtest


def make(user) -> None:
    now = timezone.now()
    Backtest.objects.create(
        engine="payments",
        code="LARGE",
        definition={},
        digest="0",
        since=now - timedelta(days=1),
        until=now,
        alert_cost=1,
        friction_share=0,
        created_by=user.email,
    )
