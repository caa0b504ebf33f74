"""Claims on insurance as events."""

from collections.abc import Mapping
from typing import Any

from fraud_detection.services.sources.source import Source
from ml.domains.insurance import schema
from transactions.models import InsuranceClaim
from transactions.services import Kind, count_for_provider


def claim_context(values: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The claim's own words that rules read, in lower case."""
    return {name: values[name].strip().lower() if name in values else None for name in schema.WORDS}


INSURANCE = Source(
    engine="insurance",
    kind=Kind(InsuranceClaim, "claim_id"),
    parse=schema.parse,
    encode=schema.encode,
    fields=schema.FIELDS,
    locked=tuple(
        f"{kind}_key"
        for kind in ("claimant", "policy", "phone", "bank", "device", "object", "document", "provider")
    ),
    customer=("claimant_id", "policy_id"),
    subjects={
        "claimant": "claimant_id",
        "policy": "policy_id",
        "provider": "provider_id",
        "object": "object_id",
    },
    context=claim_context,
    count=count_for_provider,
)
