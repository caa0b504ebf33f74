"""Pages signed in by role, and payments decided by the shipped rules without a model."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def signed_in(person: Callable[..., Any], client: Any) -> Callable[..., Any]:
    """signed_in("auditor") is a Django client with such a person's session; `client.person` is who."""

    def make(role: str = "analyst", **fields: Any) -> Any:
        client.person = person(role, **fields)
        client.force_login(client.person)
        return client

    return make


@pytest.fixture
def decide(approving_engine: None, client_system: Any, payment: Callable[..., dict]) -> Callable[..., Any]:
    """decide(amount="10.00") stores and scores a payment; returns its assessment."""
    from fraud_detection.models import Assessment
    from fraud_detection.services.decisions import decide_payment
    from logs.backlog import flush

    def make(**fields: Any) -> Assessment:
        decided = decide_payment(payment(**fields), client=client_system)
        assert flush(20)  # pages start from what a thread publishes behind the decision's back
        return Assessment.objects.select_related("transaction").get(pk=decided.assessment_id)

    return make


@pytest.fixture
def drained(decide: Callable[..., Any], drain: Callable[..., dict]) -> Any:
    """The open alert (high, score 60, 9,100.00 at stake) of one transfer that empties Claire's account."""
    from alerts.models import Alert

    decide(
        **drain(
            transaction_id="drain-1", sender_id="C-100", receiver_id="C-200", sender_name="Claire Fournier"
        )
    )
    return Alert.objects.get(family="balance")
