"""Features and event fields that people define: their life, who reads them, and their values in the past."""

from fraud_detection.services.feature_definitions.errors import (
    DefinitionConflict,
    DefinitionFourEyesRefused,
    DefinitionInUse,
    DefinitionStageRefused,
)
from fraud_detection.services.feature_definitions.event_fields import change_field, declare_field
from fraud_detection.services.feature_definitions.stages import approve, reject, retire, submit
from fraud_detection.services.feature_definitions.writing import change_definition, new_definition
from ml.definitions import DefinitionRefused as FeatureRefused
from ml.definitions.reading import PARTS as SPEC_PARTS

__all__ = [
    "SPEC_PARTS",
    "DefinitionConflict",
    "DefinitionFourEyesRefused",
    "DefinitionInUse",
    "DefinitionStageRefused",
    "FeatureRefused",
    "approve",
    "change_definition",
    "change_field",
    "declare_field",
    "new_definition",
    "reject",
    "retire",
    "submit",
]
