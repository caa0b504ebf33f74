"""The life of a rule: drafted, in shadow, approved, active, paused, retired, rolled back."""

from fraud_detection.services.rulebook.activating import apply_due
from fraud_detection.services.rulebook.approving import approve, check_four_eyes, roll_back, set_rollout
from fraud_detection.services.rulebook.comparing import FieldDiff, compare
from fraud_detection.services.rulebook.drafting import discard_draft, new_rule, newest_in_force, save_draft
from fraud_detection.services.rulebook.errors import (
    DraftConflict,
    RuleConflict,
    RuleFourEyesRefused,
    RuleRefused,
    RuleStageRefused,
)
from fraud_detection.services.rulebook.stages import (
    pause,
    reject,
    resume,
    retire,
    start_shadow,
    submit,
    submit_draft,
)

__all__ = [
    "DraftConflict",
    "FieldDiff",
    "RuleConflict",
    "RuleFourEyesRefused",
    "RuleRefused",
    "RuleStageRefused",
    "apply_due",
    "approve",
    "check_four_eyes",
    "compare",
    "discard_draft",
    "new_rule",
    "newest_in_force",
    "pause",
    "reject",
    "resume",
    "retire",
    "roll_back",
    "save_draft",
    "set_rollout",
    "start_shadow",
    "submit",
    "submit_draft",
]
