"""Insurance: what a claim's object and its provider say, and the claims that a hit rests on."""

from collections.abc import Mapping
from typing import Any

from fraud_detection.services.measuring.insurance import linked
from fraud_detection.services.measuring.insurance.objects import measure_object
from fraud_detection.services.measuring.insurance.providers import measure_provider

FOUND = {
    "SharedIdentityRule": linked.shared_identity,
    "DuplicateClaimRule": linked.duplicates,
    "ClaimFrequencyRule": linked.frequency,
    "MultiPolicyRule": linked.other_policies,
    "ProviderOutlierRule": linked.of_provider,
}


def measured(event: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, int | None]:
    """The measures of ml.domains.insurance.features.INSURANCE."""
    return measure_object(event) | measure_provider(event)
