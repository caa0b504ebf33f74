"""From draft to retired: who may, what follows, and that a refusal changes nothing."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from alerts.models import OutboxMessage, SystemAlert
from fraud_detection.models import EngineState, Rule, RuleDraft, RuleSet, RuleStanding, RuleVersion
from fraud_detection.services import rulebook
from fraud_detection.services.rulebook import (
    DraftConflict,
    RuleConflict,
    RuleFourEyesRefused,
    RuleRefused,
    RuleStageRefused,
)
from fraud_detection.tests.rule_life import (
    CODE,
    active,
    approve,
    definition,
    drafted,
    in_force,
    pending,
    redrafted,
    revision_of,
    stage_of,
)
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(person, payments_engine):
    return person("admin", email="ana@example.com")


@pytest.fixture
def ben(person):
    return person("admin", email="ben@example.com")


@pytest.fixture
def cleo(person):
    return person("admin", email="cleo@example.com")


def everything():
    tables = (RuleStanding, RuleVersion, RuleDraft, RuleSet, EngineState, OutboxMessage, AuditEvent)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_a_rule_goes_from_draft_to_shadow_to_approval_to_active(ana, ben):
    rule = drafted(ana)
    version = rulebook.start_shadow(rule, seen=1, acting_user=ana).version
    assert (stage_of(version), in_force()) == ("shadow", (set(), {f"{CODE} v1"}, {}))
    assert not RuleDraft.objects.exists()
    rulebook.submit(version, seen=revision_of(version), acting_user=ana, note="please")
    assert (stage_of(version), in_force()) == ("pending", (set(), {f"{CODE} v1"}, {}))
    state = EngineState.objects.get(engine="payments")
    standing = approve(version, ben)
    assert (standing.stage, standing.approved_by, standing.submitted_by) == ("active", ben.email, ana.email)
    assert in_force() == ({f"{CODE} v1"}, set(), {})
    after = EngineState.objects.get(engine="payments")
    assert (after.revision, after.rule_set.number) == (state.revision + 1, state.rule_set.number + 1)
    told = OutboxMessage.objects.get(topic="rule.activated").payload
    assert (told["rule"], told["version"], told["engine"], told["by"]) == (CODE, 1, "payments", ben.email)
    deeds = AuditEvent.objects.filter(subject=f"payments/{CODE}").order_by("id")
    assert [deed.action for deed in deeds] == [
        *("rule.made", "rule.draft_saved", "rule.shadowed", "rule.submitted", "rule.activated"),
    ]


class TestFourEyes:
    def test_who_wrote_or_submitted_it_may_not_approve_it(self, ana, ben, cleo, person):
        dora = person("admin", email="dora@example.com")
        rule = redrafted(drafted(ana), ben, severity="low")  # begun by ana, saved last by ben
        version = pending(rule, cleo)
        before = everything()
        for somebody in (ana, ben, cleo):
            with pytest.raises(RuleFourEyesRefused, match="somebody else must approve it"):
                approve(version, somebody)
        assert everything() == before
        assert approve(version, dora).stage == "active"

    def test_another_case_is_the_same_person(self, ana, person):
        version = pending(drafted(ana), ana)
        RuleVersion.objects.filter(pk=version.pk).update(author="ANA@example.com")
        version.refresh_from_db()
        with pytest.raises(RuleFourEyesRefused):
            approve(version, ana)

    def test_an_analyst_approves_nothing(self, ana, analyst):
        version = pending(drafted(ana), ana)
        before = everything()
        for change in (rulebook.pause, rulebook.resume):
            with pytest.raises(PermissionDenied):
                change(version, seen=revision_of(version), acting_user=analyst)
        with pytest.raises(PermissionDenied):
            approve(version, analyst)
        with pytest.raises(PermissionDenied):
            rulebook.reject(version, seen=revision_of(version), acting_user=analyst, reason="no")
        assert everything() == before

    def test_its_author_may_narrow_a_rollout_but_not_widen_it(self, ana, ben):
        version = active(drafted(ana), ana, ben, rollout=20)
        rulebook.set_rollout(version, seen=revision_of(version), acting_user=ana, percent=10)
        before = everything()
        with pytest.raises(RuleFourEyesRefused):
            rulebook.set_rollout(version, seen=revision_of(version), acting_user=ana, percent=50)
        assert everything() == before
        rulebook.set_rollout(version, seen=revision_of(version), acting_user=ben, percent=50)
        assert in_force()[2] == {f"{CODE} v1": [0, 50]}


def test_a_draft_that_does_not_compile_stays_a_draft(ana):
    rule = drafted(ana, condition="amout > 5.0")
    before = everything()
    for change in (rulebook.start_shadow, rulebook.submit_draft):
        with pytest.raises(RuleRefused) as refused:
            change(rule, seen=1, acting_user=ana)
        assert refused.value.faults[0][0] == "condition" and "line 1, column 1" in str(refused.value)
    assert everything() == before


@pytest.mark.parametrize("missing", ["severity", "condition", "reason", "description", "family"])
def test_an_unfinished_draft_names_what_is_missing(ana, missing):
    rule = drafted(ana, **{missing: " "})
    with pytest.raises(RuleRefused) as refused:
        rulebook.submit_draft(rule, seen=1, acting_user=ana)
    assert refused.value.faults[0][0] == missing


def test_what_was_not_seen_is_not_changed(ana, ben):
    rule = drafted(ana)
    with pytest.raises(DraftConflict):
        rulebook.start_shadow(rule, seen=7, acting_user=ana)
    version = pending(rule, ana)
    before = everything()
    with pytest.raises(RuleConflict, match=f"ana@example.com made {CODE} v1 pending approval at"):
        rulebook.approve(version, seen=99, acting_user=ben)
    assert everything() == before


def test_a_rejected_version_becomes_a_draft_again(ana, ben, cleo):
    rule = drafted(ana)
    version = pending(rule, ben)
    with pytest.raises(RuleRefused, match="say why"):
        rulebook.reject(version, seen=revision_of(version), acting_user=cleo, reason=" ")
    standing = rulebook.reject(version, seen=revision_of(version), acting_user=cleo, reason="too wide")
    assert (standing.stage, standing.note) == ("retired", "Rejected: too wide")
    draft = RuleDraft.objects.get(rule=rule)
    assert (draft.definition, draft.author, draft.revision) == (version.definition, ana.email, 2)
    assert in_force() == (set(), set(), {})
    again = pending(Rule.objects.get(pk=rule.pk), ben)  # nobody who wrote it before may approve it now
    with pytest.raises(RuleFourEyesRefused):
        approve(again, ana)


def test_one_version_waits_at_a_time(ana, ben):
    rule = drafted(ana)
    first = rulebook.start_shadow(rule, seen=1, acting_user=ana).version
    rule = redrafted(rule, ana, severity="low")
    second = rulebook.submit_draft(rule, seen=rule.draft.revision, acting_user=ana).version
    assert (stage_of(first), stage_of(second)) == ("retired", "pending")
    rule = redrafted(rule, ana, severity="medium")
    with pytest.raises(RuleStageRefused, match="v2 awaits approval: reject or withdraw it first"):
        rulebook.start_shadow(rule, seen=rule.draft.revision, acting_user=ana)
    assert in_force() == (set(), {f"{CODE} v2"}, {})


def test_a_newer_version_replaces_the_older(ana, ben):
    first = active(drafted(ana), ana, ben)
    second = active(redrafted(first.rule, ana, severity="low"), ana, ben)
    assert (stage_of(first), stage_of(second)) == ("retired", "active")
    assert in_force() == ({f"{CODE} v2"}, set(), {})


def test_a_rollout_shares_a_rule_until_it_is_complete(ana, ben):
    first = active(drafted(ana), ana, ben)
    second = active(redrafted(first.rule, ana, severity="low"), ana, ben, rollout=5)
    both = {f"{CODE} v1", f"{CODE} v2"}
    assert in_force() == (both, set(), {f"{CODE} v1": [5, 100], f"{CODE} v2": [0, 5]})
    third = pending(redrafted(first.rule, ana, severity="medium"), ana)
    with pytest.raises(RuleStageRefused, match="is being rolled out still"):
        approve(third, ben, rollout=10)
    rulebook.retire(third, seen=revision_of(third), acting_user=ana)
    rulebook.set_rollout(second, seen=revision_of(second), acting_user=ben, percent=100)
    assert in_force() == ({f"{CODE} v2"}, set(), {})
    assert stage_of(first) == "retired"


@pytest.mark.parametrize("given_up", [0, 1])
def test_a_version_taken_out_of_a_rollout_leaves_all_to_the_other(ana, ben, given_up):
    first = active(drafted(ana), ana, ben)
    second = active(redrafted(first.rule, ana, severity="low"), ana, ben, rollout=5)
    versions = [first, second]
    gone = versions.pop(given_up)
    rulebook.retire(gone, seen=revision_of(gone), acting_user=ben)
    assert in_force() == ({str(versions[0])}, set(), {})


def test_who_wrote_the_newer_version_does_not_widen_it_by_retiring_the_older(ana, ben, cleo):
    first = active(drafted(ana), ana, ben)
    active(redrafted(first.rule, ana, severity="low"), ana, ben, rollout=5)
    before = everything()
    with pytest.raises(RuleFourEyesRefused, match="You wrote"):
        rulebook.retire(first, seen=revision_of(first), acting_user=ana)
    assert everything() == before
    rulebook.retire(first, seen=revision_of(first), acting_user=cleo)
    assert in_force() == ({f"{CODE} v2"}, set(), {})


def test_a_paused_rule_decides_nothing_and_comes_back_as_it_was(ana, ben):
    first = active(drafted(ana), ana, ben)
    second = active(redrafted(first.rule, ana, severity="low"), ana, ben, rollout=5)
    before = in_force()
    rulebook.pause(second, seen=revision_of(second), acting_user=ben)
    assert in_force() == (set(), set(), {})
    with pytest.raises(RuleStageRefused, match="only what is active can be paused"):
        rulebook.pause(second, seen=revision_of(second), acting_user=ben)
    rulebook.resume(second, seen=revision_of(second), acting_user=ben)
    assert in_force() == before


class TestRollBack:
    def test_the_older_wording_decides_as_a_new_version(self, ana, ben, cleo):
        first = active(drafted(ana), ana, ben)
        second = active(redrafted(first.rule, ana, severity="low"), ana, ben)
        new = rulebook.roll_back(second, to=first, seen=revision_of(second), acting_user=cleo)
        assert (new.version.number, new.version.definition, new.version.author) == (
            3,
            first.definition,
            cleo.email,
        )
        assert (new.note, new.approved_by) == ("Rolled back to version 1.", ben.email)
        assert in_force() == ({f"{CODE} v3"}, set(), {}) and stage_of(second) == "retired"

    def test_who_wrote_it_may_bring_it_back_when_another_approved_it(self, ana, ben):
        first = active(drafted(ana), ana, ben)
        second = active(redrafted(first.rule, ben, severity="low"), ben, ana)
        assert rulebook.roll_back(second, to=first, seen=revision_of(second), acting_user=ana)

    def test_who_wrote_it_may_not_when_nobody_s_approval_is_on_record(self, ana, ben):
        first = active(drafted(ana), ana, ben)
        second = active(redrafted(first.rule, ben, severity="low"), ben, ana)
        RuleStanding.objects.filter(version=first).update(approved_by="")
        before = everything()
        with pytest.raises(RuleFourEyesRefused):
            rulebook.roll_back(second, to=first, seen=revision_of(second), acting_user=ana)
        assert everything() == before

    def test_who_wrote_it_may_not_when_it_was_approved_for_a_share_only(self, ana, ben, cleo):
        first = active(drafted(ben), ben, ana)
        second = active(redrafted(first.rule, ana, severity="low"), ana, ben, rollout=5)
        before = everything()
        with pytest.raises(RuleFourEyesRefused):
            rulebook.roll_back(first, to=second, seen=revision_of(first), acting_user=ana)
        assert everything() == before
        assert rulebook.roll_back(first, to=second, seen=revision_of(first), acting_user=cleo)

    def test_only_to_what_was_in_force(self, ana, ben):
        first = active(drafted(ana), ana, ben)
        rejected = pending(redrafted(first.rule, ana, severity="low"), ana)
        rulebook.reject(rejected, seen=revision_of(rejected), acting_user=ben, reason="no")
        with pytest.raises(RuleStageRefused, match="never in force"):
            rulebook.roll_back(first, to=rejected, seen=revision_of(first), acting_user=ben)
        with pytest.raises(RuleStageRefused, match="says the same"):
            rulebook.roll_back(first, to=first, seen=revision_of(first), acting_user=ben)


class TestEffectiveDate:
    def later(self, version, person, **how):
        return approve(version, person, effective_at=timezone.now() + timedelta(hours=1), **how)

    def test_it_takes_effect_once_when_its_moment_comes(self, ana, ben):
        version = pending(drafted(ana), ana)
        standing = self.later(version, ben, rollout=30)
        assert (standing.stage, in_force()[0]) == ("pending", set())
        assert rulebook.apply_due(timezone.now()) == []
        due = timezone.now() + timedelta(hours=2)
        assert rulebook.apply_due(due) == [f"{CODE} v1"]
        assert in_force() == ({f"{CODE} v1"}, set(), {f"{CODE} v1": [0, 30]})
        sets = RuleSet.objects.count()
        assert rulebook.apply_due(due) == [] and RuleSet.objects.count() == sets
        assert OutboxMessage.objects.filter(topic="rule.activated").count() == 1

    def test_a_moment_that_is_past_is_refused(self, ana, ben):
        version = pending(drafted(ana), ana)
        with pytest.raises(RuleRefused, match="must lie in the future"):
            approve(version, ben, effective_at=timezone.now() - timedelta(seconds=1))

    def test_it_can_be_withdrawn_before(self, ana, ben):
        version = pending(drafted(ana), ana)
        self.later(version, ben)
        rulebook.retire(version, seen=revision_of(version), acting_user=ana)
        assert rulebook.apply_due(timezone.now() + timedelta(hours=2)) == [] and in_force()[0] == set()

    def test_what_no_longer_compiles_then_waits_anew_and_people_are_told(self, ana, ben):
        version = pending(drafted(ana), ana)
        self.later(version, ben)
        RuleVersion.objects.filter(pk=version.pk).update(definition=definition(condition="gone > 1.0"))
        assert rulebook.apply_due(timezone.now() + timedelta(hours=2)) == []
        standing = RuleStanding.objects.get(version=version)
        assert (standing.stage, standing.approved_at) == ("pending", None)
        assert "Could not take effect" in standing.note and in_force()[0] == set()
        assert SystemAlert.objects.get(kind="rule.not_activated").subject == f"{CODE} v1"


def test_a_diff_shows_fields_and_lines():
    old = definition(condition="amount > 5.0\n&& hour < 6.0")
    new = definition(condition="amount > 7.0\n&& hour < 6.0", params={"least": 2})
    found = {one.field: one for one in rulebook.compare(old, new)}
    assert list(found) == ["condition", "params"]
    assert found["condition"].lines == (
        ("-", "amount > 5.0"),
        ("+", "amount > 7.0"),
        (" ", "&& hour < 6.0"),
    )
    assert found["params"].lines == (("-", "least: 1000.0"), ("+", "least: 2"))
