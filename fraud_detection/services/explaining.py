"""Why a decision came out as it did: at most five plain sentences, strongest first."""

import time
from collections.abc import Sequence
from typing import Any, Protocol

import structlog
from django.conf import settings

from fraud_detection.services.features import FeatureValues
from fraud_detection.services.serving import Serving
from ml.explainability import phrase, reason_code

MOST_REASONS = 5
MOST_CONSIDERED = 15
UNSAYABLE = "cycle"  # unit: a sine tells people nothing; neither does a value that is missing
LEAST_CONTRIBUTION = 0.01  # what adds less than a point of 100 tells nobody anything
PAUSE_SECONDS = 30.0  # how long a model that explains too slowly is not asked again
log = structlog.get_logger(__name__)
SLOW_IN_A_ROW = 3
_paused_until: dict[str, float] = {}
_slow_in_a_row: dict[str, int] = {}


class ExplanationFailed(RuntimeError):
    """The model could not be explained in time, or at all."""


class RuleReason(Protocol):
    """What is read of a rule hit."""

    rule: str
    reason: str
    weight: float


def rule_reasons(hits: Sequence[RuleReason]) -> list[dict[str, Any]]:
    """The sentences of rules; contributions share the 0..1 scale of noisy-OR."""
    return [{"code": h.rule, "text": h.reason, "contribution": round(h.weight, 4)} for h in hits]


def model_reasons(
    serving: Serving, features: FeatureValues, probability: float, *, hurried: bool = True
) -> list[dict[str, Any]]:
    """The features that raised the probability, each with its share of it; raises ExplanationFailed.

    Only `hurried` explanations, which a client waits for, are held to their budget.
    """
    version = serving.predictor.version
    started = time.monotonic()
    if hurried and started < _paused_until.get(version, 0.0):
        raise ExplanationFailed("explanations were too slow and are paused")
    try:
        found = serving.predictor.contributions(features.numbers, MOST_CONSIDERED)
    except Exception as error:  # any estimator may stand here; an explanation is never worth the event
        log.exception("explanation_failed", model=version, error=str(error))
        raise ExplanationFailed(str(error)) from error
    if hurried:
        _watch_time(version, time.monotonic() - started)
    describe, usual = serving.engine.feature_set.feature, serving.predictor.usual
    found = [c for c in found if c.value == c.value and describe(c.feature).unit != UNSAYABLE]
    total = sum(c.contribution for c in found) or 1.0
    reasons = [
        {
            "code": reason_code(c.feature),
            "text": phrase(describe(c.feature), c.value, usual(c.feature)),
            "contribution": round(probability * c.contribution / total, 4),
        }
        for c in found
    ]
    return [reason for reason in reasons if reason["contribution"] >= LEAST_CONTRIBUTION]


def _watch_time(version: str, seconds: float) -> None:
    """Several slow explanations in a row pause them; one alone is a busy moment of the machine."""
    if seconds * 1000 <= settings.EXPLANATION_BUDGET_MS:
        _slow_in_a_row[version] = 0
        return
    _slow_in_a_row[version] = _slow_in_a_row.get(version, 0) + 1
    log.warning("explanation_too_slow", model=version, milliseconds=1000 * seconds)
    if _slow_in_a_row[version] >= SLOW_IN_A_ROW:
        _paused_until[version] = time.monotonic() + PAUSE_SECONDS


def strongest(reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The MOST_REASONS largest contributions, ties in the order of codes."""
    return sorted(reasons, key=lambda reason: (-reason["contribution"], reason["code"]))[:MOST_REASONS]
