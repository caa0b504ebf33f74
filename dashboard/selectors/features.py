"""The feature values that a decision was made with, in words."""

from dataclasses import dataclass

from fraud_detection.models import Assessment
from fraud_detection.selectors import feature_descriptions, feature_values


@dataclass(frozen=True)
class FeatureRow:
    name: str
    value: float | str | bool | None
    unit: str
    meaning: str


def feature_rows(assessment: Assessment) -> list[FeatureRow]:
    """All features in stored order; empty when their definition has changed since."""
    described = feature_descriptions(assessment.engine)
    values = feature_values(assessment)
    return [
        FeatureRow(name, value, *reversed(described.get(name, ("", "")))) for name, value in values.items()
    ]
