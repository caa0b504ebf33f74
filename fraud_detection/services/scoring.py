"""From features to a verdict: model, rules, policy and reasons. No database; a failing part only degrades."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from fraud_detection.policy import Verdict, judge
from fraud_detection.services.explaining import ExplanationFailed, model_reasons, rule_reasons, strongest
from fraud_detection.services.features import FeatureValues
from fraud_detection.services.rule_shares import outcomes_of
from fraud_detection.services.serving import Serving
from fraud_detection.services.shadow_rules import WouldBe, would_be
from fraud_detection.services.shadowing import shadow_scores

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Hit:
    """A rule that fired on this event, about this subject."""

    rule: str
    rule_version: int | None
    family: str
    subject_kind: str
    subject: str
    severity: str
    confidence: float
    weight: float
    reason: str
    metadata: dict[str, Any]
    outcome: str | None = None
    cannot_be_overridden: bool = False
    evidence: tuple[str, ...] = ()


@dataclass
class Scored:
    """Everything a decision consists of, before it is stored."""

    verdict: Verdict
    hits: list[Hit]
    reasons: list[dict[str, Any]]
    not_evaluable: list[str]
    insufficient: list[str]
    degraded_parts: list[str]
    latency_us: dict[str, int] = field(default_factory=dict)
    shadow_scores: dict[str, float | None] | None = None
    texts: dict[str, Any] = field(default_factory=dict)
    snoozed: list[Hit] = field(default_factory=list)  # recorded, but neither evidence nor alert
    would_be: list[WouldBe] = field(default_factory=list)  # what versions in shadow would have changed


def score(
    serving: Serving,
    features: FeatureValues,
    subjects: Mapping[str, str | None],
    failed: list[str],
    probability: float | None = None,
    *,
    at: datetime,
) -> Scored:
    """Judge one event. `subjects` maps subject kinds to ids; `failed` names parts that failed before.

    A batch hands in the model's `probability`; else the model is asked here. `at` is when it is decided.
    """
    degraded = list(failed)
    hurried = probability is None  # nobody waits for the explanations of a batch
    started = time.perf_counter()
    if probability is None and "features" not in failed:
        probability = _probability(serving, features, degraded)
    modelled = time.perf_counter()
    values = values_of(serving, features)
    outcomes, numbers = outcomes_of(serving, values, subjects["customer"])
    hits, snoozed = serving.snoozes.split([hit_of(hit, subjects, numbers) for hit in outcomes.hits], at)
    degraded += [f"rule {code}" for code in serving.broken_rules]
    for code, error in outcomes.failed:
        log.error("rule_failed", rule=code, error=error)
        degraded.append(f"rule {code}")
    verdict = _judged(serving, features, probability, hits, degraded)
    ruled = time.perf_counter()
    reasons = [*verdict.reasons, *rule_reasons(hits)]
    if verdict.risk_level != "low" and probability:
        try:
            reasons += model_reasons(serving, features, probability, hurried=hurried)
        except ExplanationFailed:
            degraded.append("explanation")
            verdict = _judged(serving, features, probability, hits, degraded)
    scored = Scored(
        verdict=verdict,
        hits=hits,
        reasons=strongest(reasons),
        not_evaluable=list(outcomes.not_evaluable),
        insufficient=list(outcomes.insufficient),
        degraded_parts=degraded,
        latency_us={"model": _us(modelled - started), "rules": _us(ruled - modelled)},
        shadow_scores=None if failed or not hurried else shadow_scores(serving, features.numbers),
        texts=features.texts,
        snoozed=snoozed,
    )
    if serving.watching is not None:
        scored.would_be = _would_be(serving, features, values, subjects, scored, probability, at)
    return scored


def _would_be(
    serving: Serving,
    features: FeatureValues,
    values: list[Any],
    subjects: Mapping[str, str | None],
    scored: Scored,
    probability: float | None,
    at: datetime,
) -> list[WouldBe]:
    """What versions in shadow would have changed; asked once all about the decision stands."""

    def judged(others: list[Hit]) -> Verdict:
        evidence, _ = serving.snoozes.split(others, at)
        return _judged(serving, features, probability, evidence, scored.degraded_parts)

    return would_be(
        serving.watching,
        values,
        scored.hits,
        scored.verdict,
        fired={hit.rule for hit in (*scored.hits, *scored.snoozed)},
        as_hit=lambda hit, numbers: hit_of(hit, subjects, numbers),
        judged=judged,
    )


def _judged(
    serving: Serving, features: FeatureValues, probability: float | None, hits: list[Hit], degraded: list[str]
) -> Verdict:
    decide, given = judge, {}
    if serving.engine.judge is not None:
        decide, given = serving.engine.judge, {"values": named_values(serving, features)}
    return decide(
        policy=serving.policy,
        probability=probability,
        hits=hits,
        degraded=bool(degraded),
        model_may_decline=serving.predictor.may_decline,
        allowed=bool(features.texts.get("on_allow_list")),
        **given,
    )


def named_values(serving: Serving, features: FeatureValues) -> dict[str, Any]:
    """The features by name; missing is None."""
    numbers = (None if value != value else value for value in features.numbers.tolist())
    return dict(zip(serving.engine.feature_set.numbers, numbers, strict=True)) | features.texts


def values_of(serving: Serving, features: FeatureValues) -> list[Any]:
    """The values rules read: numbers, texts, context; NaN or None is missing."""
    named = (*serving.engine.feature_set.texts, *serving.engine.context)
    return [*features.numbers.tolist(), *(features.texts.get(name) for name in named)]


def _probability(serving: Serving, features: FeatureValues, degraded: list[str]) -> float | None:
    if serving.predictor.fault is not None:
        degraded.append("model")
        return None
    try:
        return serving.predictor.probability(features.numbers)
    except Exception as error:
        log.exception("model_failed", model=serving.predictor.version, error=str(error))
        degraded.append("model")
        return None


def hit_of(hit: Any, subjects: Mapping[str, str | None], numbers: Mapping[str, int]) -> Hit:
    """What the rules say (rules.ruleset.Hit), about somebody; `numbers` are the versions that were asked."""
    kind = "sender" if hit.subject == "pair" else hit.subject
    subject = subjects.get(kind) or subjects["customer"]
    return Hit(
        rule=hit.rule.code,
        rule_version=numbers[hit.rule.code],
        family=hit.rule.family,
        subject_kind=kind if subjects.get(kind) else "customer",
        subject=subject,
        severity=hit.severity,
        confidence=hit.confidence,
        weight=hit.weight,
        reason=hit.reason,
        metadata=hit.metadata,
        outcome=hit.rule.outcome,
        cannot_be_overridden=hit.rule.cannot_be_overridden,
        evidence=hit.rule.evidence,
    )


def _us(seconds: float) -> int:
    return round(seconds * 1_000_000)
