"""Rule sets: outcomes of one event, of many, and what happens when a rule is wrong or fails."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from fraud_detection.rules.language import RuleSyntaxError
from fraud_detection.rules.ruleset import RuleSet
from fraud_detection.rules.spec import SEVERITIES, RuleSpec


@dataclass(frozen=True)
class Feature:
    kind: str
    unit: str


class Features:
    """A small feature set of the same shape as ml.features.spec.FeatureSet."""

    described = {
        "count": Feature("number", "count"),
        "amount": Feature("number", "money"),
        "history": Feature("number", "count"),
        "first": Feature("bool", "flag"),
        "country": Feature("text", "text"),
    }
    names = tuple(described)

    def feature(self, name):
        return self.described[name]


RULE = RuleSpec(
    code="MANY",
    family="velocity",
    subject="sender",
    description="Many events.",
    condition="count >= p.limit || (first && country in grey)",
    requires="history >= 5",
    severity="high",
    params={"limit": 10},
    reason="{count} events of {amount}; limit {p.limit}",
    evidence=("count", "country"),
)
LISTS = {"grey": frozenset(["XX"])}
EVENT = {"count": 3.0, "amount": 20.0, "history": 9.0, "first": 0.0, "country": "FR"}


def built(*rules: RuleSpec) -> RuleSet:
    return RuleSet.build(rules, Features(), {"listed": ("bool", "flag")}, LISTS)


def outcome(rule: RuleSpec = RULE, **changes):
    return built(rule).evaluate(EVENT | changes)


def test_no_hit():
    result = outcome()
    assert (result.hits, result.not_evaluable, result.insufficient, result.failed) == ((), (), (), ())


def test_a_hit_carries_what_people_and_policy_need():
    (hit,) = outcome(count=1_400.0).hits
    assert hit.rule is RULE
    assert (hit.severity, hit.confidence, hit.weight) == ("high", 0.60, 0.60)
    assert hit.reason == "1,400 events of 20.00; limit 10"
    assert hit.metadata == {"count": 1400, "country": "FR", "thresholds": {"limit": 10}}


def test_either_half_may_hit_and_bools_may_be_bools():
    assert len(outcome(first=1.0, country="XX").hits) == 1
    assert len(outcome(first=True, country="XX", count=None).hits) == 1
    assert outcome(first=False, country="XX").hits == ()


def test_missing_is_never_a_hit_and_never_zero():
    for absent in (None, float("nan")):
        assert outcome(count=absent).not_evaluable == ("MANY",)
        assert outcome(history=absent).not_evaluable == ("MANY",)
    assert built(RULE).evaluate({}).not_evaluable == ("MANY",)


def test_too_little_history_is_insufficient_data():
    result = outcome(history=4.0, count=50.0)
    assert (result.hits, result.insufficient, result.not_evaluable) == ((), ("MANY",), ())


def test_values_may_come_as_a_sequence():
    rules = built(RULE)
    assert list(rules.vocabulary.kinds) == [*Features.names, "listed"]
    assert len(rules.evaluate([50.0, 20.0, 9.0, 0.0, None, False]).hits) == 1


def test_division_by_zero_is_not_evaluable():
    assert outcome(replace(RULE, condition="amount / count > 2"), count=0.0).not_evaluable == ("MANY",)
    assert outcome(replace(RULE, condition="amount / (count - 3) > 2 && first")).not_evaluable == ()


@pytest.mark.parametrize("confidence", [0.25, "count / 4000", "0.25", "amount / 80"])
def test_own_confidence(confidence):
    (hit,) = outcome(replace(RULE, confidence=confidence), count=1_000.0).hits
    assert (hit.confidence, hit.severity) == (0.25, "high")


def test_confidence_is_clipped_and_falls_back_to_the_severity():
    assert outcome(replace(RULE, confidence="count"), count=10.0).hits[0].confidence == 1.0
    assert outcome(replace(RULE, confidence="-count"), count=10.0).hits[0].confidence == 0.0
    assert outcome(replace(RULE, confidence="amount"), count=10.0, amount=None).hits[0].confidence == 0.60


@pytest.mark.parametrize(("amount", "severity"), [(100.0, "critical"), (20.0, "low"), (None, "critical")])
def test_severity_may_depend_on_values(amount, severity):
    rule = replace(RULE, severity='amount >= 100 ? "critical" : "low"')
    assert outcome(rule, count=10.0, amount=amount).hits[0].severity == severity


def test_a_failing_rule_is_named_and_the_others_still_count():
    text = replace(RULE, code="TEXT", condition="country.startsWith('F')", requires=None)
    result = built(text, RULE).evaluate(EVENT | {"country": 7.0, "count": 50.0})
    assert result.failed == (("TEXT", "AttributeError: 'float' object has no attribute 'startswith'"),)
    assert [hit.rule.code for hit in result.hits] == ["MANY"]


@pytest.mark.parametrize(("amount", "subject"), [(100.0, "receiver"), (20.0, "sender"), (None, "customer")])
def test_whom_a_hit_is_about_may_depend_on_values(amount, subject):
    rule = replace(RULE, subject='amount >= 100 ? "receiver" : "sender"')
    assert outcome(rule, count=10.0, amount=amount).hits[0].subject == subject


def test_a_subject_that_is_no_kind_is_refused():
    with pytest.raises(RuleSyntaxError, match="this can be 'nobody'"):
        outcome(replace(RULE, subject='amount >= 100 ? "nobody" : "sender"'), count=10.0)


def test_a_failing_severity_is_a_failed_rule():
    rule = replace(RULE, severity='country.startsWith("F") ? "high" : "low"', condition="count > 1")
    assert [code for code, _ in outcome(rule, country=7.0).failed] == ["MANY"]


@pytest.mark.parametrize(
    ("change", "part", "message"),
    [
        ({"condition": "cuont > 1"}, "condition", "unknown name 'cuont'; did you mean 'count'?"),
        ({"requires": "history"}, "requires", "a condition must be true or false; it is a number"),
        (
            {"severity": 'first ? "high" : "grave"'},
            "severity",
            "a severity is low, medium, high or critical; this can be 'grave'",
        ),
        (
            {"severity": "country"},
            "severity",
            "a severity is low, medium, high or critical; this can be 'anything'",
        ),
        ({"confidence": '"x"'}, "confidence", "this must be a number; it is a text"),
        ({"reason": "limit {p.limits}"}, "reason", "unknown name 'p.limits'"),
        ({"reason": "count {count"}, "reason", "a placeholder is written {name}, {p.name} or {name:unit}"),
        ({"evidence": ("amuont",)}, "evidence", "unknown name 'amuont'"),
    ],
)
def test_a_wrong_rule_says_which_part(change, part, message):
    with pytest.raises(RuleSyntaxError) as raised:
        built(replace(RULE, **change))
    assert (raised.value.part, raised.value.message) == (part, message)


@pytest.mark.parametrize(
    "change",
    [
        {"code": "not-a-code"},
        {"family": ""},
        {"subject": "planet"},
        {"outcome": "approve"},
        {"confidence": 1.5},
    ],
)
def test_fields_are_checked(change):
    with pytest.raises(ValueError):
        replace(RULE, **change)


def test_a_rule_survives_storage():
    assert RuleSpec.from_data(RULE.as_data()) == RULE
    with pytest.raises(ValueError, match="a rule has no field 'colour'"):
        RuleSpec.from_data(RULE.as_data() | {"colour": "red"})
    with pytest.raises(ValueError, match="a rule needs the field 'family'"):
        RuleSpec.from_data({"code": "X"})


def history(rows: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(7)
    numbers = {
        name: np.where(generator.random(rows) < 0.2, np.nan, generator.integers(0, 12, rows).astype(float))
        for name in ("count", "amount", "history")
    }
    flags = generator.choice([0.0, 1.0, np.nan], rows)
    return numbers | {"first": flags, "country": generator.choice(np.array(["XX", "FR", None], object), rows)}


def test_a_backtest_gives_what_single_events_gave():
    ratio = replace(
        RULE, code="RATIO", condition="amount / count < 1", requires=None, confidence="amount / 10"
    )
    rules = built(RULE, replace(ratio, severity='first ? "critical" : "low"'))
    rows = 70_000  # more than two chunks
    columns = history(rows)
    masks = rules.backtest(columns)
    for index in range(0, rows, 101):
        result = rules.evaluate(
            {name: column[index : index + 1].tolist()[0] for name, column in columns.items()}
        )
        assert {hit.rule.code: (hit.severity, hit.weight) for hit in result.hits} == {
            code: (SEVERITIES[mask.severity[index]], mask.weight[index])
            for code, mask in masks.items()
            if mask.hit[index]
        }
        assert set(result.insufficient) == {code for code, mask in masks.items() if mask.insufficient[index]}
        assert set(result.not_evaluable) == {
            code for code, mask in masks.items() if mask.not_evaluable[index]
        }


def test_a_backtest_without_hits():
    masks = built(RULE).backtest({name: column[:0] for name, column in history(5).items()})["MANY"]
    assert [len(part) for part in (masks.hit, masks.severity, masks.weight)] == [0, 0, 0]
    masks = built(RULE).backtest(history(50) | {"history": np.zeros(50)})["MANY"]
    assert masks.insufficient.all()
    assert set(masks.severity.tolist()) == {-1}
    assert masks.weight.sum() == 0
