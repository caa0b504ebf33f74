"""Rules and their versions, policies, models, and the decisions made with them."""

from fraud_detection.models.assessment import Assessment, Decision, RiskLevel, RuleHit
from fraud_detection.models.backtests import Backtest, BacktestLabels, BacktestState
from fraud_detection.models.customers import CustomerPrediction
from fraud_detection.models.definitions import DeclaredField, FeatureDefinition, FeatureStage, FieldKind
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
from fraud_detection.models.lists import (
    ALLOW,
    BLOCK,
    CUSTOM_KINDS,
    CustomList,
    ListChanges,
    ListEntry,
    ListKind,
)
from fraud_detection.models.monitoring import MonitoringSnapshot, SnapshotKind
from fraud_detection.models.rule_watch import RuleDay, RuleWatch, RuleWatchMark, ShadowHit
from fraud_detection.models.rulebook import RuleDraft, RuleStage, RuleStanding
from fraud_detection.models.searches import DeepSearch
from fraud_detection.models.snoozes import RuleSnooze

__all__ = [
    "ALLOW",
    "BLOCK",
    "CUSTOM_KINDS",
    "ApplicantGroup",
    "Assessment",
    "Backtest",
    "BacktestLabels",
    "BacktestState",
    "CustomList",
    "CustomerPrediction",
    "Decision",
    "DeclaredField",
    "DeepSearch",
    "EngineState",
    "FeatureDefinition",
    "FeatureSetVersion",
    "FeatureStage",
    "FieldKind",
    "HistoryUpload",
    "ImportedHistory",
    "ListChanges",
    "ListEntry",
    "ListKind",
    "ModelStage",
    "ModelVersion",
    "MonitoringSnapshot",
    "PolicyVersion",
    "RiskLevel",
    "Rule",
    "RuleDay",
    "RuleDraft",
    "RuleHit",
    "RuleSet",
    "RuleSnooze",
    "RuleStage",
    "RuleStanding",
    "RuleVersion",
    "RuleWatch",
    "RuleWatchMark",
    "ShadowHit",
    "SnapshotKind",
    "UploadStage",
]
