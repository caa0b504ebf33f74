"""Drafts: one a rule, saved by whoever drafts; a stale save says who saved what."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from fraud_detection.models import EngineState, Rule, RuleDraft, RuleVersion
from fraud_detection.services import rulebook
from fraud_detection.services.rulebook import DraftConflict, RuleRefused
from fraud_detection.tests.rule_life import CODE, definition, drafted, redrafted
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(person, payments_engine):
    return person("analyst", email="ana@example.com")


@pytest.fixture
def ben(person):
    return person("analyst", email="ben@example.com")


def test_a_new_rule_has_a_draft_and_decides_nothing(ana):
    before = EngineState.objects.values().get(engine="payments")
    draft = rulebook.new_rule("payments", {"code": CODE, "condition": "amount >"}, acting_user=ana)
    assert (draft.author, draft.saved_by, draft.revision, draft.based_on) == (ana.email, ana.email, 1, None)
    assert draft.definition == {"code": CODE, "condition": "amount >"}  # unfinished is fine
    assert not RuleVersion.objects.filter(rule=draft.rule).exists()
    assert EngineState.objects.values().get(engine="payments") == before
    assert [e.action for e in AuditEvent.objects.filter(subject=f"payments/{CODE}")] == [
        "rule.draft_saved",
        "rule.made",
    ]


@pytest.mark.parametrize("code", ["", "1X", "A B", "x" * 65, "account_drain", None, 7, "A\x00B"])
def test_a_code_that_cannot_be_or_is_taken_is_refused(ana, code):
    rules = Rule.objects.count()
    with pytest.raises(RuleRefused):
        rulebook.new_rule("payments", {"code": code}, acting_user=ana)
    assert (Rule.objects.count(), RuleDraft.objects.count()) == (rules, 0)


def test_a_draft_of_a_shipped_rule_starts_from_what_is_in_force(ana):
    rule = Rule.objects.get(code="ACCOUNT_DRAIN")
    wording = rule.versions.get().definition | {"severity": "low"}
    draft = rulebook.save_draft(rule, wording, seen=0, acting_user=ana)
    assert str(draft.based_on) == "ACCOUNT_DRAIN v1"
    assert draft.saves[-1][3] == ["severity"]


def test_a_stale_save_names_who_saved_which_fields(ana, ben):
    rule = drafted(ana)
    redrafted(rule, ben, condition="amount >= 5.0", severity="low")
    with pytest.raises(DraftConflict) as conflict:
        rulebook.save_draft(rule, definition(reason="mine"), seen=1, acting_user=ana)
    assert "ben@example.com saved condition, severity at " in str(conflict.value)
    assert "the draft is now at version 2" in str(conflict.value)
    kept = RuleDraft.objects.get(rule=rule)
    assert (kept.definition["reason"], kept.revision) == (definition()["reason"], 2)


def test_a_draft_begun_anew_is_not_the_one_that_was_seen(ana, ben):
    rule = Rule.objects.get(code="ACCOUNT_DRAIN")
    rulebook.save_draft(rule, definition(), seen=0, acting_user=ana)
    rulebook.discard_draft(rule, seen=1, acting_user=ben)
    rulebook.save_draft(rule, definition(severity="low"), seen=0, acting_user=ben)
    with pytest.raises(DraftConflict):
        rulebook.save_draft(rule, definition(), seen=1, acting_user=ana)
    assert RuleDraft.objects.get(rule=rule).author == ben.email


def test_a_rule_that_was_only_a_draft_goes_with_it(ana, ben):
    rule = drafted(ana)
    with pytest.raises(DraftConflict):
        rulebook.discard_draft(rule, seen=7, acting_user=ben)
    rulebook.discard_draft(rule, seen=1, acting_user=ben)
    assert not Rule.objects.filter(code=CODE).exists()
    assert drafted(ben).draft.author == ben.email


def test_saving_the_same_again_changes_nothing(ana, ben):
    rule = drafted(ana)
    saved = rulebook.save_draft(rule, definition(), seen=1, acting_user=ben)
    assert (saved.revision, saved.saved_by, saved.writers) == (1, ana.email, [ana.email])


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"condition": "a" * 100_000}, "definition", "has 100,2"),
        ({"condition": "a" * 5_000}, "condition", "has 5,000 characters; at most 4,000"),
        ({"condition": "a\x00b"}, "definition", "NUL"),
        ({"condition": "\ud800"}, "definition", "cannot be stored"),
        ({"confidence": float("nan")}, "definition", "cannot be stored"),
        ({"confidence": [1]}, "confidence", "number from 0 to 1"),
        ({"params": {"x": 10**400}}, "params", "below 1e300"),
        ({"params": []}, "params", "object"),
        ({"evidence": "amount"}, "evidence", "list"),
        ({"reason": 7}, "reason", "must be a text"),
        ({"enabled": True}, "enabled", "no such field"),
    ],
)
def test_what_cannot_be_stored_is_refused_by_name(ana, changes, field, told):
    rule = drafted(ana)
    with pytest.raises(RuleRefused) as refused:
        rulebook.save_draft(rule, definition(**changes), seen=1, acting_user=ana)
    assert refused.value.faults[0][0] == field and told in refused.value.faults[0][1]
    assert RuleDraft.objects.get(rule=rule).revision == 1


def test_auditors_write_no_rules(ana, auditor):
    with pytest.raises(PermissionDenied):
        drafted(auditor)
    assert not RuleDraft.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seen", [0, 1])
def test_of_two_simultaneous_saves_one_wins_and_the_other_is_told(ana, ben, seen):
    rule = Rule.objects.get(code="ACCOUNT_DRAIN")
    wording = rule.versions.get().definition
    if seen:
        rulebook.save_draft(rule, wording | {"severity": "low"}, seen=0, acting_user=ana)
    together, told = threading.Barrier(2), []

    def save(person, family):
        try:
            together.wait()
            rulebook.save_draft(rule, wording | {"family": family}, seen=seen, acting_user=person)
            told.append("")
        except DraftConflict as conflict:
            told.append(str(conflict))
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=one) for one in ((ana, "of_ana"), (ben, "of_ben"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won, lost = sorted(told)
    draft = RuleDraft.objects.get(rule=rule)
    assert won == "" and f"{draft.saved_by} saved " in lost and "family" in lost
    assert draft.definition["family"] == f"of_{draft.saved_by.partition('@')[0]}"
