"""Rules and their versions, policies, models, and the decisions made with them."""

from fraud_detection.models.assessment import Assessment, Decision, RiskLevel, RuleHit
from fraud_detection.models.backtests import Backtest, BacktestLabels, BacktestState
from fraud_detection.models.customers import CustomerPrediction
from fraud_detection.models.definitions import DeclaredField, FeatureDefinition, FeatureStage, FieldKind
from fraud_detection.models.erasures import ErasureRequest, ErasureState
from fraud_detection.models.external import ExternalPrediction
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
from fraud_detection.models.jobs import BatchJob, JobAsk, JobChunk, JobPriority, JobSource, JobState
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
from fraud_detection.models.reviews import ReviewRequest, ReviewState
from fraud_detection.models.rule_watch import RuleDay, RuleWatch, RuleWatchMark, ShadowHit
from fraud_detection.models.rulebook import RuleDraft, RuleStage, RuleStanding
from fraud_detection.models.schedules import (
    Rescoring,
    RunState,
    ScheduleKind,
    ScheduleRun,
    ScoringSchedule,
)
from fraud_detection.models.searches import DeepSearch
from fraud_detection.models.snoozes import RuleSnooze
from fraud_detection.models.streams import (
    ConsumerState,
    LetterReason,
    LetterState,
    StreamConsumer,
    StreamDeadLetter,
    StreamKind,
    StreamShard,
)

__all__ = [
    "ALLOW",
    "BLOCK",
    "CUSTOM_KINDS",
    "ApplicantGroup",
    "Assessment",
    "Backtest",
    "BacktestLabels",
    "BacktestState",
    "BatchJob",
    "ConsumerState",
    "CustomList",
    "CustomerPrediction",
    "Decision",
    "DeclaredField",
    "DeepSearch",
    "EngineState",
    "ErasureRequest",
    "ErasureState",
    "ExternalPrediction",
    "FeatureDefinition",
    "FeatureSetVersion",
    "FeatureStage",
    "FieldKind",
    "HistoryUpload",
    "ImportedHistory",
    "JobAsk",
    "JobChunk",
    "JobPriority",
    "JobSource",
    "JobState",
    "LetterReason",
    "LetterState",
    "ListChanges",
    "ListEntry",
    "ListKind",
    "ModelStage",
    "ModelVersion",
    "MonitoringSnapshot",
    "PolicyVersion",
    "Rescoring",
    "ReviewRequest",
    "ReviewState",
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
    "RunState",
    "ScheduleKind",
    "ScheduleRun",
    "ScoringSchedule",
    "ShadowHit",
    "SnapshotKind",
    "StreamConsumer",
    "StreamDeadLetter",
    "StreamKind",
    "StreamShard",
    "UploadStage",
]
