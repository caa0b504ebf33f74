"""An alert about a claim: its amounts and days, the claims it is linked with, and nothing of payments."""

import pytest
from django.test import Client
from django.urls import reverse

from alerts.models import Alert
from fraud_detection.models import Assessment
from fraud_detection.services.sources import decide_event

pytestmark = pytest.mark.django_db

CLAIM = {
    "claim_id": "C-1",
    "policy_id": "P-1",
    "claim_amount": 8000,
    "estimated_value": 21000,
    "market_value": 15000,
    "object_id": "AB-123",
    "loss_date": "2025-08-20",
    "reported_at": "2025-08-23T10:00:00Z",
    "policy_inception": "2025-08-01",
    "phone": "+1 555 0100",
}


@pytest.fixture
def page(payments_engine, client_system, analyst):
    """Two claimants with one phone, then a third who claims the second's loss again."""
    for number, claimant in enumerate(("Anna", "Boris", "Carla"), 1):
        changes = {"claim_id": f"C-{number}", "policy_id": f"P-{number}", "claimant_id": claimant}
        changes |= {"object_id": "AB-123" if number > 1 else "ZZ-1", "claim_amount": 8000 + number}
        decide_event("insurance", CLAIM | changes, client=client_system)
    browser = Client()
    browser.force_login(analyst, backend="django.contrib.auth.backends.ModelBackend")

    def show(address: str) -> str:
        return browser.get(address).content.decode()

    return show


def test_an_alert_shows_the_claim_and_what_it_is_linked_with(page):
    alert = Alert.objects.get(family="duplicate")
    text = page(reverse("dashboard:alert", args=[alert.pk]))
    assert "Special investigation" in text and "investigate from 60" in text
    assert "21,000.00 USD" in text and "Stated value" in text
    assert "20 Aug 2025" in text and ">19 d<" in text
    for shared in ("object, loss date, amount, phone", "C-1", "C-2", "Anna", "Boris"):
        assert shared in text
    assert 'aria-label="Carla shares with Anna: phone; Boris: phone"' in text
    assert "Usual payment" not in text and "Balance before" not in text and "<canvas" not in text


def test_a_decision_alone_shows_the_same(page):
    alone = Assessment.objects.get(external_id="C-1")
    text = page(reverse("dashboard:decision", args=[alone.pk]))
    assert "Amounts of the claim" in text and "Linked claims" not in text
    assert "23 Aug 2025 10:00:00" in text
