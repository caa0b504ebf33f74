"""Rollouts and shadows in decisions: stable shares, no say for shadows, the same on every road and again."""

from collections import Counter

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from alerts.models import Alert
from fraud_detection.models import Assessment, EngineState, RuleHit, ShadowHit
from fraud_detection.services import rulebook, serving
from fraud_detection.services.decisions import decide_payment, decide_payments
from fraud_detection.services.replaying import replay
from fraud_detection.services.rule_shares import place_of
from fraud_detection.tests.rule_life import CODE, active, drafted, redrafted, revision_of
from logs.metrics import SHADOW_RULE_FAILURES

pytestmark = pytest.mark.django_db
LARGE = {"amount": "5000.00"}


@pytest.fixture
def ana(person, approving_engine):
    return person("admin", email="ana@example.com")


@pytest.fixture
def ben(person):
    return person("admin", email="ben@example.com")


@pytest.fixture
def shared(ana, ben):
    """Version 2 decides about 30 percent, version 1 about the rest."""
    first = active(drafted(ana), ana, ben)
    return active(redrafted(first.rule, ana, severity="low"), ana, ben, rollout=30)


def watching(ana, **changes):
    """A shipped rule set with this draft in shadow."""
    rule = drafted(ana, **changes)
    standing = rulebook.start_shadow(rule, seen=1, acting_user=ana)
    serving.forget()
    return standing.version


@given(entity=st.text(max_size=40), code=st.text(min_size=1, max_size=20))
def test_the_same_entity_always_stands_at_the_same_place(entity, code):
    place = place_of(code, entity)
    assert 0 <= place < 100 and place == place_of(code, entity)


@pytest.mark.parametrize("percent", [1, 5, 30, 75])
def test_a_share_holds_about_so_many_and_another_rule_has_others(percent):
    entities = [f"customer-{n}" for n in range(20_000)]
    mine = {entity for entity in entities if place_of("A_RULE", entity) < percent}
    other = {entity for entity in entities if place_of("B_RULE", entity) < percent}
    deviation = 5 * (percent / 100 * (1 - percent / 100) / 20_000) ** 0.5
    assert abs(len(mine) / 20_000 - percent / 100) < deviation
    assert abs(len(mine & other) / len(mine) - percent / 100) < 0.06
    wider = {entity for entity in entities if place_of("A_RULE", entity) < percent + 10}
    assert mine <= wider


def test_each_entity_is_judged_by_its_version(shared, payment, client_system):
    state = serving.serving("payments")
    assert CODE not in state.rule_numbers and [rule.code for rule in state.shared] == [CODE]
    records = [payment(sender_id=f"acc-{n}", **LARGE) for n in range(60)]
    decide_payments(records, client=client_system)
    decide_payment(payment(sender_id="acc-7", **LARGE), client=client_system)
    hits = RuleHit.objects.filter(rule=CODE).select_related("assessment__customer")
    assert len(hits) == 61
    for hit in hits:
        newer = place_of(CODE, hit.assessment.customer.external_id) < 30
        assert (hit.rule_version, hit.severity) == ((2, "low") if newer else (1, "high"))
    assert Counter(hit.rule_version for hit in hits)[2] > 5


def test_without_shares_nothing_is_asked_of_them(ana, ben, payment, client_system):
    active(drafted(ana), ana, ben)
    state = serving.serving("payments")
    assert (state.shared, state.watching, state.rule_numbers[CODE]) == ((), None, 1)


@pytest.mark.parametrize("many", [False, True])
def test_a_decision_under_shares_and_a_shadow_replays_exactly(shared, ana, payment, client_system, many):
    rule = redrafted(shared.rule, ana, severity="critical")
    rulebook.start_shadow(rule, seen=rule.draft.revision, acting_user=ana)
    serving.forget()
    records = [payment(sender_id=f"acc-{n}", **LARGE) for n in range(6)]
    if many:
        decide_payments(records, client=client_system)
    else:
        for record in records:
            decide_payment(record, client=client_system)
    rulebook.set_rollout(shared, seen=revision_of(shared), acting_user=ana, percent=1)
    serving.forget()
    for assessment in Assessment.objects.prefetch_related("hits"):
        again = replay(assessment)
        assert again.equal and len(again.scored.would_be) == 1
    assert set(RuleHit.objects.filter(rule=CODE).values_list("rule_version", flat=True)) == {1, 2}


class TestShadow:
    @pytest.mark.parametrize("many", [False, True])
    def test_it_changes_nothing_and_says_what_it_would_have(self, ana, payment, client_system, many):
        records = [payment(**LARGE), payment(**LARGE), payment()]
        plain = decide_payment(payment(**LARGE), client=client_system).body
        version = watching(ana, severity="critical", confidence=1.0)
        if many:
            bodies = [decided.body for decided in decide_payments(records, client=client_system)]
        else:
            bodies = [decide_payment(record, client=client_system).body for record in records]
        for body in bodies[:2]:
            same = ("decision", "risk_score", "alerts", "degraded_parts", "reasons")
            assert [body[name] for name in same] == [plain[name] for name in same]
        assert not RuleHit.objects.filter(rule=CODE).exists()
        assert not Alert.objects.filter(rule=CODE).exists()
        hits = ShadowHit.objects.filter(version=version).order_by("id")
        assert [hit.assessment.external_id for hit in hits] == [r["transaction_id"] for r in records[:2]]
        for hit in hits:
            assert (hit.severity, hit.also_active, hit.reason) == ("critical", False, "5,000.00 is a lot")
            assert (hit.would_decide, hit.would_score, hit.changes_decision) == ("decline", 100.0, True)

    def test_it_is_tried_in_the_place_of_the_active_version(self, ana, ben, payment, client_system):
        first = active(drafted(ana, severity="critical", confidence=1.0), ana, ben)
        rule = redrafted(first.rule, ana, severity="low")
        version = rulebook.start_shadow(rule, seen=rule.draft.revision, acting_user=ana).version
        serving.forget()
        decided = decide_payment(payment(**LARGE), client=client_system)
        hit = ShadowHit.objects.get(version=version)
        assert decided.body["decision"] == "decline"
        assert (hit.also_active, hit.would_decide, hit.changes_decision) == (True, "approve", True)
        assert hit.would_score < decided.body["risk_score"]

    def test_one_that_raises_is_counted_and_hurts_nobody(self, ana, payment, client_system, monkeypatch):
        plain = decide_payment(payment(**LARGE), client=client_system).body
        watching(ana)
        state = serving.serving("payments")

        def broken(values):
            raise RuntimeError("out of order")

        monkeypatch.setattr(state.watching.rules, "_fused", broken)
        before = SHADOW_RULE_FAILURES.labels("payments", "*")._value.get()
        decided = decide_payment(payment(**LARGE), client=client_system)
        assert (decided.body["degraded_parts"], decided.body["decision"]) == (["model"], plain["decision"])
        assert SHADOW_RULE_FAILURES.labels("payments", "*")._value.get() == before + 1
        assert not ShadowHit.objects.exists()

    def test_hits_that_cannot_be_stored_leave_the_decision_as_it_is(self, ana, payment, client_system):
        watching(ana)
        with connection.cursor() as cursor:
            cursor.execute("alter table fraud_detection_shadowhit add constraint no_hit check (false)")
        decided = decide_payment(payment(**LARGE), client=client_system)
        assert decided.body["degraded_parts"] == ["model"]  # as without a shadow
        assert Assessment.objects.get().external_id == decided.body["transaction_id"]

    def test_one_that_no_longer_compiles_watches_nothing(self, ana, payment, client_system):
        version = watching(ana)
        type(version).objects.filter(pk=version.pk).update(
            definition=version.definition | {"condition": "gone > 1.0"}
        )
        serving.forget()
        decided = decide_payment(payment(**LARGE), client=client_system)
        assert decided.body["degraded_parts"] == ["model"] and not ShadowHit.objects.exists()

    def test_each_decision_names_the_rule_set_it_was_made_with(self, ana, payment, client_system):
        watching(ana)
        body = decide_payment(payment(), client=client_system).body
        assert body["ruleset_version"] == str(EngineState.objects.get(engine="payments").rule_set)
