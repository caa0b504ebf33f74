"""From evidence to a decision: noisy-OR, thresholds, forced outcomes and the fail policy. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Protocol

APPROVE, REVIEW, DECLINE = "approve", "review", "decline"
SEVERITY_OF_OUTCOME = {APPROVE: 0, REVIEW: 1, DECLINE: 2}
LEVELS = ((85.0, "critical"), (60.0, "high"), (30.0, "medium"), (0.0, "low"))


class Evidence(Protocol):
    """What a rule hit contributes; `outcome` is a forced decision or None."""

    family: str
    weight: float
    confidence: float
    outcome: str | None
    cannot_be_overridden: bool


@dataclass(frozen=True)
class Policy:
    """Thresholds on the 0-100 scale, the decision when a part failed, and the engine's own settings.

    `release_share` (0-1) of what score and thresholds alone would stop is approved; see `released`.
    """

    version: str
    review_from: float = 60.0
    decline_from: float = 85.0
    fail_decision: str = REVIEW
    settings: Mapping[str, Any] = field(default_factory=dict)
    release_share: float = 0.0
    release_seed: str = field(default="", repr=False)


@dataclass(frozen=True)
class Verdict:
    """The outcome for one event. `risk_score` and thresholds 0-100, the rest 0-1.

    `details` is what the engine says beside it, as JSON, `reasons` those it has of its own.
    `release_propensity` is the chance of a random release it had, None where it was not eligible.
    """

    decision: str
    risk_score: float
    risk_level: str
    fraud_probability: float | None
    confidence_score: float
    is_fraud: bool
    details: Mapping[str, Any] | None = None
    reasons: tuple[Mapping[str, Any], ...] = ()
    released: bool = False
    release_propensity: float | None = None


def judge(
    *,
    policy: Policy,
    probability: float | None,
    hits: Sequence[Evidence],
    degraded: bool,
    model_may_decline: bool,
    allowed: bool = False,
) -> Verdict:
    """The verdict on a model probability and rule hits.

    A model that may not decline (trained on generated data only) counts for the score up to just
    below the decline threshold; rules beside it decline as they always do. An allow-list entry
    (`allowed`) leaves the score as it is and lets only rules that cannot be overridden decide.
    """
    risk = 100 * combined_risk(probability, hits)
    if not model_may_decline and risk >= policy.decline_from:
        risk = max(100 * combined_risk(None, hits), min(risk, policy.decline_from - 0.01))
    risk = round(min(risk, 100.0), 2)
    deciding = [hit for hit in hits if hit.cannot_be_overridden] if allowed else hits
    deciding_risk = 100 * combined_risk(None, deciding) if allowed else risk
    decision = most_severe(
        [threshold_decision(policy, deciding_risk), *(h.outcome for h in deciding if h.outcome)]
    )
    if degraded:
        decision = most_severe([decision, policy.fail_decision])
    return Verdict(
        decision=decision,
        risk_score=risk,
        risk_level=level_of(risk),
        fraud_probability=None if probability is None else round(probability, 6),
        confidence_score=round(max([probability or 0.0, *(h.confidence for h in hits)]), 6),
        is_fraud=risk >= policy.review_from,
    )


def released(
    verdict: Verdict, *, policy: Policy, hits: Iterable[Evidence], degraded: bool, event: str
) -> Verdict:
    """The verdict after the random release: a share of stopped events is approved to learn their outcome.

    Only what score and thresholds stopped is eligible: never a forced outcome (a block list has one), a
    rule that cannot be overridden, or a degraded decision. `event` names the event, so that the same
    event under the same policy version always has the same luck.
    """
    if not policy.release_share or verdict.decision == APPROVE or degraded:
        return verdict
    if any(hit.outcome or hit.cannot_be_overridden for hit in hits):
        return verdict
    lucky = luck(policy.release_seed, event) < policy.release_share
    decision = APPROVE if lucky else verdict.decision
    return replace(verdict, decision=decision, released=lucky, release_propensity=policy.release_share)


def luck(seed: str, event: str) -> float:
    """A number in [0, 1) that nobody without the seed can foresee, the same each time."""
    digest = blake2b(event.encode(), key=seed.encode()[:64], digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def combined_risk(probability: float | None, hits: Iterable[Evidence]) -> float:
    """Noisy-OR of the model and the largest weight of each rule family; 0..1."""
    largest: dict[str, float] = {}
    for hit in hits:
        largest[hit.family] = max(largest.get(hit.family, 0.0), hit.weight)
    innocent = 1.0 - (probability or 0.0)
    for family in sorted(largest):  # one order of multiplication, so that a replay gives the same bits
        innocent *= 1.0 - largest[family]
    return 1.0 - innocent


def threshold_decision(policy: Policy, risk: float) -> str:
    """What the thresholds alone say."""
    if risk >= policy.decline_from:
        return DECLINE
    return REVIEW if risk >= policy.review_from else APPROVE


def most_severe(decisions: Iterable[str]) -> str:
    """The gravest of several decisions."""
    return max(decisions, key=SEVERITY_OF_OUTCOME.__getitem__)


def level_of(risk: float) -> str:
    """low < 30 <= medium < 60 <= high < 85 <= critical."""
    return next(level for floor, level in LEVELS if risk >= floor)
