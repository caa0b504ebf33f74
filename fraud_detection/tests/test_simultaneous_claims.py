"""Claims that meet: about one loss, paid to one provider, really committed."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from fraud_detection.models import Assessment, RuleHit
from fraud_detection.services.sources import decide_event
from fraud_detection.tests.test_simultaneous import apart, while_uncommitted
from transactions.models import InsuranceClaim, ProviderDay

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("payments_engine")]
CLAIM = {
    "policy_id": "P-1",
    "claim_amount": 1000,
    "estimated_value": 1000,
    "object_id": "AB-123",
    "provider_id": "G-1",
    "loss_date": "2025-08-20",
}


def test_of_claims_about_one_loss_all_but_the_first_are_duplicates(client_system):
    claims = [CLAIM | {"claim_id": f"C-{n}", "policy_id": f"P-{n}"} for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(lambda one: apart(lambda: decide_event("insurance", one, client=client_system)), claims)
        )
    assert RuleHit.objects.filter(rule="DuplicateClaimRule").count() == 7
    counted = ProviderDay.objects.values_list("claims", "amount_minor")
    assert (sum(n for n, _ in counted), sum(amount for _, amount in counted)) == (8, 800_000)


def test_one_claim_sent_twice_at_once_is_stored_and_counted_once(client_system):
    claim = CLAIM | {"claim_id": "C-1"}
    second = while_uncommitted(
        lambda: decide_event("insurance", claim, client=client_system),
        lambda: decide_event("insurance", claim, client=client_system),
    )
    assert second.replayed
    assert InsuranceClaim.objects.count() == Assessment.objects.count() == 1
    assert ProviderDay.objects.get().claims == 1
