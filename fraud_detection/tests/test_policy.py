from dataclasses import dataclass

import pytest

from fraud_detection.policy import Policy, judge, level_of

POLICY = Policy("payments-policy-1")


@dataclass(frozen=True)
class Hit:
    family: str
    weight: float
    confidence: float = 0.5
    outcome: str | None = None
    cannot_be_overridden: bool = False


def verdict(probability=None, *hits, degraded=False, model_may_decline=True, allowed=False):
    return judge(
        policy=POLICY,
        probability=probability,
        hits=hits,
        degraded=degraded,
        model_may_decline=model_may_decline,
        allowed=allowed,
    )


def test_noisy_or_counts_only_the_largest_of_a_family():
    assert verdict(0.5, Hit("a", 0.6), Hit("a", 0.3), Hit("b", 0.3)).risk_score == 86.0


def test_the_score_of_nothing_is_zero_and_approved():
    nothing = verdict(None)
    assert (nothing.risk_score, nothing.decision, nothing.risk_level) == (0.0, "approve", "low")
    assert nothing.fraud_probability is None and not nothing.is_fraud


@pytest.mark.parametrize(
    ("probability", "decision"),
    [(0.5999, "approve"), (0.60, "review"), (0.8499, "review"), (0.85, "decline")],
)
def test_thresholds_are_inclusive(probability, decision):
    assert verdict(probability).decision == decision


def test_a_forced_outcome_only_makes_it_worse():
    assert verdict(0.1, Hit("list", 0.9, outcome="decline")).decision == "decline"
    assert verdict(0.99, Hit("list", 0.1, outcome="review")).decision == "decline"


def test_a_model_of_generated_data_reviews_but_never_declines():
    assert verdict(0.99, model_may_decline=False).decision == "review"
    assert verdict(0.99, model_may_decline=False).risk_score == 84.99
    assert verdict(0.99, Hit("a", 0.9), model_may_decline=False).decision == "decline"
    assert verdict(0.99, Hit("a", 0.9), model_may_decline=False).risk_score == 90.0


def test_a_degraded_decision_is_at_least_the_fail_policy():
    assert verdict(0.0, degraded=True).decision == "review"
    assert verdict(0.9, degraded=True).decision == "decline"


def test_confidence_is_the_largest_of_model_and_hits():
    assert verdict(0.4, Hit("a", 0.6, confidence=0.7)).confidence_score == 0.7
    assert verdict(0.8, Hit("a", 0.6, confidence=0.7)).confidence_score == 0.8


@pytest.mark.parametrize(
    ("risk", "level"),
    [(0, "low"), (29.99, "low"), (30, "medium"), (60, "high"), (84.99, "high"), (85, "critical")],
)
def test_levels(risk, level):
    assert level_of(risk) == level


def test_an_allow_list_entry_approves_but_keeps_the_score():
    allowed = verdict(0.9, Hit("a", 0.6, outcome="decline"), allowed=True)
    assert (allowed.decision, allowed.risk_score) == ("approve", 96.0)


def test_an_allow_list_entry_does_not_pass_rules_that_cannot_be_overridden():
    blocked = Hit("list", 0.9, outcome="decline", cannot_be_overridden=True)
    assert verdict(0.0, blocked, allowed=True).decision == "decline"
    assert verdict(0.99, Hit("list", 0.7, cannot_be_overridden=True), allowed=True).decision == "review"
