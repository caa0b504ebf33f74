"""Reading decisions and what made them."""

from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import QuerySet

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Assessment, FeatureSetVersion
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.responses import recorded_fields
from fraud_detection.services.serving import EngineNotInstalled, serving
from fraud_detection.services.sources.registry import SOURCES
from ml.domains.customers import schema as customers_schema
from ml.domains.payments import schema as payments_schema
from ml.domains.readers import Field


def payment_fields() -> tuple[Field, ...]:
    """The request fields of a payment, for the API schema."""
    return payments_schema.FIELDS


def customer_fields() -> tuple[Field, ...]:
    """The fields of a posted customer that policy allows, for the API schema; none of them is required."""
    barred = customers_schema.not_taken_in(customers_schema.POSTED.fields, settings.CUSTOMER_DEMOGRAPHICS)
    return tuple(field for name, field in customers_schema.POSTED.fields.items() if name not in barred)


def request_fields(engine: str) -> tuple[Field, ...]:
    """The request fields of an engine, for the API schema; without events of its own, a payment's."""
    source = SOURCES.get(engine)
    return source.fields if source else payments_schema.FIELDS


def engine_link(engine: str) -> str | None:
    """The assessment's attribute that holds the event of this engine; None for what decides nothing."""
    found = ENGINES.get(engine)
    return found.link.removesuffix("_id") if found else None


def assessments() -> QuerySet[Assessment]:
    """Every decision with its hits and customer, newest first."""
    return Assessment.objects.select_related("customer", "client").prefetch_related("hits").order_by("-id")


def decision_body(assessment: Assessment) -> dict[str, Any]:
    """What the client was answered, from the record."""
    return recorded_fields(assessment)


def feature_values(assessment: Assessment) -> dict[str, float | str | bool | None]:
    """The features a decision saw, by the names of its own time; missing is None."""
    names = FeatureSetVersion.objects.get(pk=assessment.feature_set_version)
    numbers = np.frombuffer(bytes(assessment.features), "<f8").tolist()
    values: dict[str, float | str | bool | None] = {}
    for (name, kind, _), number in zip(names.numbers, numbers, strict=True):
        known = number == number  # NaN, which is missing, equals nothing
        values[name] = (bool(number) if kind == "bool" else number) if known else None
    return values | assessment.texts


def feature_descriptions(engine: str) -> dict[str, tuple[str, str]]:
    """Meaning and unit of every feature of an engine, by name."""
    return {feature.name: (feature.meaning, feature.unit) for feature in _features(engine)}


def _features(engine: str):
    return engine_in_use(engine).feature_set.features


def engine_status(engine: str = "payments") -> dict[str, Any]:
    """Versions in force in this process, and the reason when the engine decides without its model.

    `stands_in` says why an older model than the champion decides; empty when the champion does.
    """
    try:
        state = serving(engine)
    except EngineNotInstalled as missing:
        return {"engine": engine, "fault": str(missing)}
    return {
        "engine": engine,
        "model_version": state.predictor.version or None,
        "rule_set_version": state.rule_set_version,
        "policy_version": state.policy.version,
        "review_from": state.policy.review_from,
        "decline_from": state.policy.decline_from,
        "fault": state.predictor.fault,
        "stands_in": state.stands_in,
    }
