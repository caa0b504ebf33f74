"""Anti money laundering: the default rules for what accounts do with money over days and weeks.

Conditions read the features of ml.domains.aml.features.aml_features and CONTEXT. T, the reporting threshold,
is part of the features. Windows include the current event, baselines (`earlier`, `usual`, `new`) do not.
A hit is an indicator, not a proof.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from fraud_detection.engines.aml.country_lists import COUNTRY_LISTS, check_settings
from fraud_detection.engines.aml.flows import FLOWS
from fraud_detection.engines.aml.habits import GEOGRAPHY, HABITS
from fraud_detection.engines.aml.structuring import STRUCTURING
from fraud_detection.engines.payments import PARTY_WORDS
from fraud_detection.rules.spec import RuleSpec
from ml.domains.aml.features import aml_features
from ml.domains.money import MINOR

__all__ = ["CONTEXT", "FEATURES", "RULES", "SETTINGS", "check_settings", "respond"]

FEATURES = aml_features(settings.REPORTING_THRESHOLD * MINOR)
RULES: tuple[RuleSpec, ...] = (*STRUCTURING, *FLOWS, *HABITS, *GEOGRAPHY)
SETTINGS = {"countries": COUNTRY_LISTS}

# What the caller adds per event beside the features: name -> (kind, unit).
CONTEXT = {
    "currency": ("text", "text"),
    "merchant_category": ("text", "text"),
    "region": ("text", "text"),
    "email_domain": ("text", "text"),
    **PARTY_WORDS,
}


def respond(body: Mapping[str, Any], event: Mapping[str, Any], details: Mapping[str, Any]) -> dict[str, Any]:
    """The common decision, with the money and the parties it is about."""
    parties = {name: event[name] for name in ("user_id", "sender_id", "receiver_id")}
    return {**body, "amount": float(event["amount"]), **parties}
