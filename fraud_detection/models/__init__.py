"""Rules and their versions, policies, models, and the decisions made with them."""

from fraud_detection.models.assessment import Assessment, Decision, RiskLevel, RuleHit
from fraud_detection.models.governance import (
    EngineState,
    FeatureSetVersion,
    ModelStage,
    ModelVersion,
    PolicyVersion,
    Rule,
    RuleSet,
    RuleVersion,
)
from fraud_detection.models.lists import ALLOW, BLOCK, CustomList, ListEntry, ListKind

__all__ = [
    "ALLOW",
    "BLOCK",
    "Assessment",
    "CustomList",
    "Decision",
    "EngineState",
    "FeatureSetVersion",
    "ListEntry",
    "ListKind",
    "ModelStage",
    "ModelVersion",
    "PolicyVersion",
    "RiskLevel",
    "Rule",
    "RuleHit",
    "RuleSet",
    "RuleVersion",
]
