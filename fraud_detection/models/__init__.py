"""Rules and their versions, policies, models, and the decisions made with them."""

from fraud_detection.models.assessment import Assessment, Decision, RiskLevel, RuleHit
from fraud_detection.models.customers import CustomerPrediction
from fraud_detection.models.fairness import ApplicantGroup
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
from fraud_detection.models.histories import HistoryUpload, ImportedHistory, UploadStage
from fraud_detection.models.lists import ALLOW, BLOCK, CustomList, ListEntry, ListKind
from fraud_detection.models.monitoring import MonitoringSnapshot, SnapshotKind
from fraud_detection.models.rulebook import RuleDraft, RuleStage, RuleStanding
from fraud_detection.models.searches import DeepSearch

__all__ = [
    "ALLOW",
    "BLOCK",
    "ApplicantGroup",
    "Assessment",
    "CustomList",
    "CustomerPrediction",
    "Decision",
    "DeepSearch",
    "EngineState",
    "FeatureSetVersion",
    "HistoryUpload",
    "ImportedHistory",
    "ListEntry",
    "ListKind",
    "ModelStage",
    "ModelVersion",
    "MonitoringSnapshot",
    "PolicyVersion",
    "RiskLevel",
    "Rule",
    "RuleDraft",
    "RuleHit",
    "RuleSet",
    "RuleStage",
    "RuleStanding",
    "RuleVersion",
    "SnapshotKind",
    "UploadStage",
]
