"""Alerts as decisions raise them, with a stored event behind each."""

from datetime import UTC, datetime

import pytest

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def suspicion():
    """suspicion(subject="acc-9") is a high suspicion of drained balance."""
    from alerts.services import Suspicion

    def make(**changes):
        values = {
            "engine": "payments",
            "family": "balance",
            "subject_kind": "sender",
            "subject": "acc-1",
            "customer_id": None,
            "severity": "high",
            "risk_score": 60.0,
            "amount_minor": 10_000,
            "rule": "ACCOUNT_DRAIN",
            "reason": "drained",
            "hits": 1,
        }
        return Suspicion(**(values | changes))

    return make


@pytest.fixture
def alert(payments_engine, drain, client_system):
    """The alert of one drained account, its event and assessment stored."""
    from alerts.models import Alert
    from fraud_detection.services.decisions import decide_payment

    decide_payment(drain(), client=client_system)
    return Alert.objects.get()
