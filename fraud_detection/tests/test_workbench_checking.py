"""Checks of a rule as it is written: every message with its place, every warning with its opposite."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Assessment, EngineState, FeatureSetVersion, ListEntry, Rule, RuleVersion
from fraud_detection.rules.vocabulary import Vocabulary
from fraud_detection.services.custom_lists import make_custom_list
from fraud_detection.services.workbench import sample
from fraud_detection.services.workbench.checking import check_definition
from fraud_detection.services.workbench.likeness import _compiled

pytestmark = pytest.mark.django_db

BASE = {
    "code": "TRIAL",
    "family": "trial",
    "subject": "sender",
    "condition": "first_pair && amount >= p.min_amount",
    "severity": "medium",
    "reason": "{amount} to a new payee; limit {p.min_amount}",
    "description": "A first payment of a high amount.",
    "params": {"min_amount": 500},
    "evidence": ["amount"],
}


@pytest.fixture(autouse=True)
def fresh_sample():
    sample.forget()
    yield
    sample.forget()


@pytest.fixture
def decisions(client_system):
    """decisions(60, amount=..., type=...) stores so many; a callable gives the value of row i."""
    features = ENGINES["payments"].feature_set
    stored = FeatureSetVersion.objects.filter(engine="payments").first()
    version = stored or FeatureSetVersion.objects.create(
        version=features.version,
        engine="payments",
        numbers=[
            [name, features.feature(name).kind, features.feature(name).unit] for name in features.numbers
        ],
        texts=[[name, "text", "text"] for name in features.texts],
    )

    def make(rows, **values):
        made = []
        for row in range(rows):
            given = {name: value(row) if callable(value) else value for name, value in values.items()}
            numbers = np.full(len(features.numbers), np.nan)
            for name in given.keys() & set(features.numbers):
                numbers[features.numbers.index(name)] = np.nan if given[name] is None else given[name]
            texts = {name: value for name, value in given.items() if name not in features.numbers}
            made.append(
                Assessment(
                    engine="payments",
                    client=client_system,
                    external_id=f"t-{row}",
                    amount_minor=1,
                    decision="approve",
                    risk_score=1,
                    risk_level="low",
                    confidence_score=0.1,
                    is_fraud=False,
                    reasons=[],
                    features=numbers.astype("<f8").tobytes(),
                    texts=texts,
                    feature_set_version=version.pk,
                    rule_set_version="payments-rules-1",
                    policy_version="payments-policy-1",
                )
            )
        Assessment.objects.bulk_create(made)
        sample.forget()

    return make


def checked(**changes):
    return check_definition("payments", {**BASE, **changes})


def places(checked):
    return [(e.field, e.line, e.column, e.length, e.message, e.suggestion) for e in checked.errors]


def codes(checked):
    return [warning.code for warning in checked.warnings]


def told(checked, code):
    return [warning.message for warning in checked.warnings if warning.code == code]


def test_a_sound_rule_has_no_errors_and_no_warnings():
    found = checked()
    assert found.errors == () and found.warnings == ()
    assert found.names == {"features": ["amount", "first_pair"], "parameters": ["min_amount"], "lists": []}
    assert found.english == (
        "When the sender pays this receiver for the first time, and the amount is at least 500.00 USD: "
        "raise medium about the sender, weight 0.30."
    )


@pytest.mark.parametrize(
    ("condition", "line", "column", "length", "message", "suggestion"),
    [
        ("first_pair\n  && amont > 3", 2, 6, 5, "unknown name 'amont'", "amount"),
        (
            "first_pair\n  && amount > p.min_amont",
            2,
            15,
            11,
            "unknown parameter 'p.min_amont'",
            "p.min_amount",
        ),
        ("first_pair &&\n", 1, 14, 1, "the expression ends too early", ""),
        ("amount = 3", 1, 8, 1, "unexpected '='", "=="),
        ("(amount > 3", 1, 1, 1, "this '(' is never closed", ""),
        ("amount > 'x'", 1, 8, 1, "'>' cannot be applied to number and text", ""),
        ("amount", 1, 1, 6, "a condition must be true or false; it is a number", ""),
        ("amount > 3 and first_pair", 1, 12, 3, "unexpected 'and'", "&&"),
        (
            "amount > none",
            1,
            10,
            4,
            "unexpected 'none'; to ask whether a value is absent write missing(name)",
            "",
        ),
        ("missing(amount > 3)", 1, 1, 7, "missing(...) takes the name of a value", ""),
        ("", 1, 1, 1, "the expression is empty", ""),
        ("amount > 1" + " " * 4_000, 1, 4_001, 1, "longer than 4,000 characters", ""),
        ("(" * 40 + "first_pair" + ")" * 40, 1, 1, 1, "nested too deeply; at most 32 levels", ""),
    ],
)
def test_an_error_says_where_it_is(condition, line, column, length, message, suggestion):
    found = checked(condition=condition, params={"min_amount": 500})
    assert places(found) == [("condition", line, column, length, message, suggestion)]


def test_every_unknown_name_is_told_at_once():
    found = checked(condition="frist_pair\n && amont > p.min_amunt")
    assert [(e.line, e.column, e.suggestion) for e in found.errors] == [
        (1, 1, "first_pair"),
        (2, 5, "amount"),
        (2, 13, "p.min_amount"),
    ]


def test_every_field_is_told_at_once():
    found = checked(
        code="1 no",
        family="",
        subject="sander",
        condition="amont > 1",
        severity="hgh",
        confidence=1.5,
        weight="amont",
        reason="{amont} {",
        outcome="stop",
        evidence=["amuont"],
        requires="amount",
        params={"bad-name": 1, "endless": 10**400, "list": [1]},
        whatever=1,
    )
    assert {error.field for error in found.errors} == {
        *("code", "family", "subject", "condition", "severity", "confidence", "weight", "reason", "outcome"),
        *("evidence", "requires", "params", "definition"),
    }
    by_field = {error.field: error for error in found.errors}
    assert by_field["severity"].suggestion == "high"
    assert by_field["subject"].suggestion == "sender"
    assert by_field["evidence"].suggestion == "amount"
    assert len([error for error in found.errors if error.field == "params"]) == 3


@pytest.mark.parametrize(
    "definition",
    [
        None,
        [],
        {},
        {**BASE, "condition": "amount > 1 && " * 8_000},
        {**BASE, "condition": "(" * 4_000},
        {**BASE, "condition": "min(1, " * 400 + "2" + ")" * 400 + " > 1"},
        {**BASE, "condition": "amount > \ud800"},
        {**BASE, "condition": "a\0b", "code": "a\0b", "family": "\ud800"},
        {**BASE, "condition": 7, "severity": ["x"], "subject": {}, "params": "x", "evidence": 4},
        {**BASE, "params": {f"p{n}": n for n in range(5_000)}},
        {**BASE, "params": {"x" * 100_000: 1, "\ud800": 2}},
        {**BASE, "confidence": float("nan"), "weight": 10**400},
        {**BASE, "evidence": ["a"] * 10_000, "reason": "{" * 100_000},
        {**BASE, "\ud800" * 10: 1},
    ],
)
def test_whatever_is_sent_gets_a_bounded_answer(definition):
    found = check_definition("payments", definition)
    assert 0 < len(found.errors) <= 50
    assert len(json.dumps(found.as_data(), ensure_ascii=False).encode()) < 60_000


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("sender_count_1h >= 0", "the condition is always true whenever its values are known"),
        ("first_pair && sender_count_1h < 0", "the condition is always false whenever its values are known"),
        (
            "first_pair && (amount > 5 || amount <= 7)",
            "'amount > 5 || amount <= 7' is always true whenever its values are known",
        ),
        ("amount > 5 && amount < 3", "the condition is always false whenever its values are known"),
        ("amount > p.limit && amount < 3", "the condition is always false whenever its values are known"),
        ("1 < 2", "the condition is always true"),
        (
            "first_pair || !(hour_of_day < 24)",
            "'!(hour_of_day < 24)' is always false whenever its values are known",
        ),
        ("amount == amount", "the condition is always true whenever its values are known"),
    ],
)
def test_what_no_event_can_change_is_told(condition, message):
    found = checked(condition=condition, params={"limit": 10}, reason="x")
    assert [w.message for w in found.warnings if w.code.startswith("always")] == [message]


@pytest.mark.parametrize(
    "condition",
    [
        "sender_count_1h >= 1",
        "amount > 3 && amount < 5",
        "amount > 5 || amount < 3",
        "amount > 5 || first_pair",
        "price_change_is_no_name",
        "sender_ln_z_90d < 0",
    ],
)
def test_what_events_decide_is_not(condition):
    assert not [
        c for c in codes(checked(condition=condition, params={}, reason="x")) if c.startswith("always")
    ]


def test_a_division_that_may_be_by_zero():
    found = checked(condition="amount / sender_count_1h > 3", params={}, reason="x")
    assert told(found, "division") == [
        "'sender_count_1h' may be 0: the rule is not evaluable there; ask 'sender_count_1h > 0' first"
    ]
    guarded = checked(condition="sender_count_1h > 0 && amount / sender_count_1h > 3", params={}, reason="x")
    assert told(guarded, "division") == []
    assert told(checked(condition="amount / 2 > 3", params={}, reason="x"), "division") == []
    assert told(checked(condition="amount / 0 > 3", params={}, reason="x"), "division") == [
        "division by zero: never evaluable, so never a hit"
    ]


def test_a_parameter_that_nothing_reads():
    found = checked(params={"min_amount": 500, "spare": 1})
    assert told(found, "unused") == ["parameter 'spare' is not used"]
    assert (
        told(
            checked(params={"min_amount": 500, "spare": 1}, severity='p.spare > 1 ? "low" : "high"'), "unused"
        )
        == []
    )


def test_a_list_without_entries(db, admin):
    make_custom_list(name="trusted_payees", description="x", acting_user=admin)
    condition = "!(merchant_category in trusted_payees)"
    found = checked(condition=condition, params={}, reason="x")
    assert [(w.line, w.column, w.length, w.message) for w in found.warnings if w.code == "empty_list"] == [
        (1, 24, 14, "the list 'trusted_payees' has no entries now: nothing is on it")
    ]
    ListEntry.objects.create(list="trusted_payees", kind="word", value="food", reason="x", created_by="x")
    found = checked(condition=condition, params={}, reason="x")
    assert told(found, "empty_list") == []
    assert "is not on the list trusted payees (1 entry)" in found.english
    unknown = checked(condition="merchant_category in trusted_pays", params={}, reason="x")
    assert [error.suggestion for error in unknown.errors] == ["trusted_payees"]


def test_a_list_that_was_deleted(admin):
    made = make_custom_list(name="trusted_payees", description="x", acting_user=admin)
    made.removed_at = datetime(2026, 3, 4, 12, tzinfo=UTC)
    made.save()
    found = checked(condition="first_pair && merchant_category in trusted_payees", params={}, reason="x")
    assert places(found) == [
        ("condition", 1, 36, 14, "the list 'trusted_payees' was deleted on 04 Mar 2026", "")
    ]


def test_the_sample_says_what_never_differs(decisions):
    decisions(60, amount=lambda row: 10.0 + row, first_pair=1.0)
    assert told(checked(condition="first_pair", params={}, reason="x"), "true_in_sample") == [
        "the condition is true for all of the newest 60 decisions"
    ]
    assert told(checked(condition="!first_pair", params={}, reason="x"), "false_in_sample") == [
        "the condition is true for none of the newest 60 decisions"
    ]
    some = codes(checked(condition="amount > 40", params={}, reason="x"))
    assert "true_in_sample" not in some and "false_in_sample" not in some


def test_a_small_sample_says_nothing(decisions):
    decisions(20, amount=10.0, first_pair=1.0)
    assert codes(checked(condition="first_pair", params={}, reason="x")) == []


def test_values_that_were_never_seen(decisions):
    decisions(60, amount=lambda row: 10.0 + row, type=lambda row: "payment" if row % 3 else "transfer")
    found = checked(condition='type in ["tranfer", "payment"] && amount < 5000', params={}, reason="x")
    assert told(found, "never_seen") == [
        "'tranfer' was never seen in 'type' in the newest 60 decisions; seen: payment, transfer"
    ]
    assert told(found, "out_of_range") == [
        "'amount' was never above 69.00 in the newest 60 decisions; this compares it with 5,000.00"
    ]
    seen = checked(condition='type == "transfer" && amount < 50', params={}, reason="x")
    assert told(seen, "never_seen") == [] and told(seen, "out_of_range") == []


def test_a_name_that_is_missing_in_most_events(decisions):
    decisions(100, amount=lambda row: float(row), travel_kmh=lambda row: 5.0 if row < 7 else None)
    found = checked(condition="amount > 3 && travel_kmh > 1", params={}, reason="x")
    assert told(found, "mostly_missing") == [
        "'travel_kmh' is missing in 93 % of the newest 100 decisions: what needs it is not evaluable there"
    ]
    asked = checked(condition="amount > 3 && (missing(travel_kmh) || travel_kmh > 1)", params={}, reason="x")
    assert told(asked, "mostly_missing") == []


def test_a_rule_that_is_there_already(payments_engine):
    same = "!is_card_present && p.few <= device_senders_24h"
    changes = {"condition": same, "params": {"few": 4}, "reason": "x"}
    assert told(checked(**changes), "duplicate") == ["the same condition as SHARED_DEVICE, which is in force"]
    own = Rule.objects.get(engine="payments", code="SHARED_DEVICE")
    found = check_definition("payments", {**BASE, **changes, "code": "SHARED_DEVICE"}, rule=own)
    assert told(found, "duplicate") == []
    assert told(checked(**{**changes, "params": {"few": 5}}), "duplicate") == []


def test_a_rule_with_the_same_hits(payments_engine, decisions):
    decisions(60, device_senders_24h=lambda row: float(row), is_card_present=0.0, amount=5.0)
    found = checked(condition="device_senders_24h > 3.5", params={}, reason="x")
    assert told(found, "same_hits") == [
        "the same 56 hits in the newest 60 decisions as SHARED_DEVICE, which is in force"
    ]
    assert told(checked(condition="device_senders_24h > 4.5", params={}, reason="x"), "same_hits") == []


def test_an_engine_without_rules_in_force_is_checked_too():
    assert not EngineState.objects.exists()
    assert checked().errors == ()


def test_a_rule_in_force_is_compiled_again_only_for_a_list_that_it_mentions(payments_engine):
    engine = ENGINES["payments"]
    vocabulary = Vocabulary.of(engine.feature_set, engine.context)
    version = RuleVersion.objects.get(rule__code="SHARED_DEVICE")
    version.definition |= {"condition": "merchant_category in trusted_payees"}
    lists = {"trusted_payees": frozenset("ab"), "other_words": frozenset("cd")}
    first = _compiled(version, vocabulary, lists)
    assert _compiled(version, vocabulary, {**lists, "other_words": frozenset("ef")}) is first
    assert _compiled(version, vocabulary, {**lists, "trusted_payees": frozenset("a")}) is not first
