"""The list of rules and the stages on a rule's page: what each person is shown and may do."""

import pytest
from django.test import Client
from django.utils import timezone

from fraud_detection.models import RuleDraft, RuleStanding
from fraud_detection.services import rulebook, serving
from fraud_detection.services.decisions import decide_payment
from fraud_detection.services.rule_watch import watch_rules
from fraud_detection.tests.rule_life import (
    CODE,
    active,
    drafted,
    pending,
    redrafted,
    revision_of,
    stage_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(person, approving_engine):
    return person("analyst", email="ana@example.com")


@pytest.fixture
def ben(person):
    return person("admin", email="ben@example.com")


@pytest.fixture
def as_user():
    """as_user(ana) is a browser in which she is signed in."""

    def make(user):
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


def page(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def post(client, rule, what, **said):
    return client.post(f"/rules/{rule.pk}/{what}/", said)


def test_the_list_shows_engines_stages_and_what_waits(as_user, ana, ben, payment, client_system):
    version = pending(drafted(ana), ana)
    decide_payment(payment(amount="5000.00"), client=client_system)
    watch_rules(timezone.now())
    shown = page(as_user(ben), "/rules/")
    assert "v1 waits for your approval" in shown and "1 waits" in shown
    assert "ACCOUNT_DRAIN" in shown and "engine=aml" in shown and f"/rules/{version.rule_id}/" in shown
    assert "waits for your approval" not in page(as_user(ana), "/rules/")
    assert "ACCOUNT_DRAIN" not in page(as_user(ben), "/rules/?engine=payments&waiting=1")
    assert CODE not in page(as_user(ben), "/rules/?engine=payments&stage=active")
    assert CODE in page(as_user(ben), "/rules/?engine=payments&text=large+pay")
    assert "No rule is like that" in page(as_user(ben), "/rules/?text=nosuchrule")


def test_the_page_offers_what_this_person_may_do(as_user, ana, ben, auditor):
    version = pending(drafted(ana), ana)
    address = f"/rules/{version.rule_id}/"
    mine, theirs = page(as_user(ana), address), page(as_user(ben), address)
    assert "Withdraw v1" in mine and "Approve v1" not in mine
    assert "Approve v1" in theirs and "Reject v1" in theirs
    assert "Approve v1" not in page(as_user(auditor), address)


def test_the_author_is_told_why_not(as_user, ben, approving_engine):
    version = pending(drafted(ben), ben)
    shown = page(as_user(ben), f"/rules/{version.rule_id}/")
    assert f"You wrote {CODE} v1: somebody else must approve it" in shown
    answer = post(as_user(ben), version.rule, "approve", number=1, version=revision_of(version))
    assert answer.status_code == 403 and "Nothing was changed" in answer.content.decode()
    assert stage_of(version) == "pending"


def test_a_rule_s_whole_way_by_its_forms(as_user, ana, ben):
    rule = drafted(ana)
    writer, approver = as_user(ana), as_user(ben)
    assert post(writer, rule, "shadow", version=1).status_code == 302
    version = rule.versions.get()
    assert "in shadow" in page(writer, f"/rules/{rule.pk}/")
    post(writer, rule, "submit", number=1, version=revision_of(version))
    post(approver, rule, "approve", number=1, version=revision_of(version), rollout="25", effective_at="")
    assert RuleStanding.objects.get(version=version).rollout == 25
    assert "v1 for 25%" in page(approver, f"/rules/{rule.pk}/")
    post(approver, rule, "rollout", number=1, version=revision_of(version), percent="100")
    post(approver, rule, "pause", number=1, version=revision_of(version))
    assert stage_of(version) == "paused"
    post(approver, rule, "resume", number=1, version=revision_of(version))
    post(approver, rule, "retire", number=1, version=revision_of(version))
    assert stage_of(version) == "retired"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"rollout": "0"}, 422),
        ({"rollout": "abc"}, 422),
        ({"effective_at": "yesterday"}, 422),
        ({"effective_at": "2001-01-01T10:00"}, 422),
        ({"effective_at": "9999-99-99T10:00"}, 422),
        ({"version": "99"}, 409),
        ({"version": "x"}, 409),
        ({"number": "7"}, 404),
    ],
)
def test_bad_values_change_nothing(as_user, ana, ben, said, status):
    version = pending(drafted(ana), ana)
    given = {"number": 1, "version": revision_of(version)} | said
    assert post(as_user(ben), version.rule, "approve", **given).status_code == status
    assert stage_of(version) == "pending"


def test_rejecting_wants_a_reason_and_gives_the_draft_back(as_user, ana, ben):
    version = pending(drafted(ana), ana)
    client, seen = as_user(ben), {"number": 1, "version": revision_of(version)}
    assert post(client, version.rule, "reject", **seen).status_code == 422
    assert post(client, version.rule, "reject", **seen, reason="too\x00 wide").status_code == 302
    assert RuleDraft.objects.get().definition == version.definition
    draft = RuleDraft.objects.get()
    assert post(as_user(ana), version.rule, "discard", version=draft.revision).status_code == 302
    assert not RuleDraft.objects.exists()


def test_versions_are_compared_and_rolled_back(as_user, ana, ben):
    first = active(drafted(ana), ana, ben)
    second = active(redrafted(first.rule, ana, severity="low"), ana, ben)
    client = as_user(ben)
    shown = page(client, f"/rules/{first.rule_id}/?from=1&to=2")
    assert '<span class="del">- high</span>' in shown and '<span class="add">+ low</span>' in shown
    answer = post(client, first.rule, "rollback", number=2, version=revision_of(second), to="1")
    assert answer.status_code == 302 and stage_of(second) == "retired"
    assert first.rule.versions.count() == 3


def test_the_page_shows_what_it_did_and_its_shadow(as_user, ana, ben, payment, client_system):
    first = active(drafted(ana), ana, ben)
    rule = redrafted(first.rule, ana, severity="critical", confidence=1.0)
    rulebook.start_shadow(rule, seen=rule.draft.revision, acting_user=ana)
    serving.forget()
    decide_payment(payment(amount="5000.00"), client=client_system)
    watch_rules(timezone.now())
    shown = page(as_user(ana), f"/rules/{rule.pk}/")
    assert "v2 in shadow" in shown and "5,000.00 is a lot" in shown
    assert "Not enough data, 0 of 20 labels" in shown and "timed alone over 1 stored events" in shown
