"""Whatever part fails, the event is stored and decided, and the decision says what was missing."""

import pytest
from django.db import connection, transaction

from alerts.models import Alert
from fraud_detection.models import Assessment, EngineState, PolicyVersion, RuleVersion
from fraud_detection.selectors import engine_status
from fraud_detection.services import serving
from fraud_detection.services.decisions import decide_payment, decide_payments
from fraud_detection.services.engine_setup import definition_digest, new_rule_set
from fraud_detection.services.lists import add_list_entry
from fraud_detection.services.serving import EngineNotInstalled
from transactions.models import Transaction

pytestmark = pytest.mark.django_db
BROKEN = [
    {"severity": 'cuont > 1 ? "high" : "low"'},
    {"condition": "amount >"},
    {"reason": "{nothing}"},
    {"colour": "red"},
]


def reworded(code: str, **changes) -> None:
    """Put a new wording of a rule in force, as it may stand in the database after an upgrade."""
    state = EngineState.objects.select_related("rule_set").get(engine="payments")
    versions = list(state.rule_set.rule_versions.select_related("rule"))
    old = next(version for version in versions if version.rule.code == code)
    definition = old.definition | changes
    new = RuleVersion.objects.create(
        rule=old.rule, number=2, definition=definition, digest=definition_digest(definition)
    )
    rule_set = new_rule_set("payments", [version for version in versions if version != old] + [new])
    EngineState.objects.update(rule_set=rule_set, revision=state.revision + 1)
    serving.forget()


@pytest.mark.parametrize("changes", BROKEN)
def test_a_rule_that_no_longer_holds_is_left_out_and_named(champion, drain, client_system, changes):
    reworded("VELOCITY_COUNT", **changes)
    body = decide_payment(drain(), client=client_system).body
    assert body["degraded_parts"] == ["rule VELOCITY_COUNT"]
    assert [hit["rule"] for hit in body["alerts"]] == ["ACCOUNT_DRAIN"]
    assert body["fraud_probability"] is not None and body["ruleset_version"] == "payments-rules-2"


@pytest.mark.parametrize("many", [False, True])
def test_a_broken_rule_alone_holds_a_calm_payment(champion, payment, client_system, many):
    reworded("VELOCITY_COUNT", severity="cuont")
    records = [payment(), payment()] if many else [payment()]
    for decided in decide_payments(records, client=client_system):
        assert (decided.body["decision"], decided.body["degraded_parts"]) == (
            "review",
            ["rule VELOCITY_COUNT"],
        )
    assert Assessment.objects.filter(degraded=True).count() == len(records)


@pytest.mark.parametrize("many", [False, True])
def test_without_features_the_event_is_stored_and_held(champion, payment, client_system, many):
    with connection.cursor() as cursor:
        cursor.execute("alter table transactions_label drop column fraud_delta")
    records = [payment(), payment()] if many else [payment()]
    for decided in decide_payments(records, client=client_system):
        body = decided.body
        assert (body["decision"], body["degraded"], body["degraded_parts"]) == ("review", True, ["features"])
        assert body["fraud_probability"] is None and body["alerts"] == []
    assert Transaction.objects.count() == len(records)
    alert = Alert.objects.get()
    assert (alert.family, alert.reason) == ("model", "Decided without features: held by the fail policy")
    assert alert.hit_count == len(records)


def test_features_come_back_on_the_same_connection(champion, payment, client_system):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("alter table transactions_label drop column fraud_delta")
        assert decide_payment(payment(), client=client_system).body["degraded"]
        transaction.set_rollback(True)
    assert not decide_payment(payment(), client=client_system).body["degraded"]


def test_a_blocked_party_is_declined_without_features_too(champion, payment, client_system, analyst):
    add_list_entry(list="block", kind="account", value="acc-1", reason="x", acting_user=analyst)
    serving.forget()
    with connection.cursor() as cursor:
        cursor.execute("alter table transactions_label drop column fraud_delta")
    assert decide_payment(payment(), client=client_system).body["decision"] == "decline"


@pytest.mark.parametrize("many", [False, True])
def test_a_decision_stands_when_its_alert_cannot_be_raised(champion, drain, client_system, many):
    with connection.cursor() as cursor:
        cursor.execute("alter table alerts_alert drop column rule")
    records = [drain(), drain()] if many else [drain()]
    for decided in decide_payments(records, client=client_system):
        assert (decided.body["degraded"], decided.body["degraded_parts"]) == (True, ["alerts"])
        assert decided.body["decision"] == "review"
    stored = Assessment.objects.values_list("degraded", "degraded_parts")
    assert list(stored) == [(True, ["alerts"])] * len(records)
    assert Transaction.objects.count() == len(records)


@pytest.mark.parametrize("fail_decision", ["approve", "review", "decline"])
def test_the_fail_policy_decides_without_a_model(payments_engine, payment, client_system, fail_decision):
    policy = PolicyVersion.objects.create(engine="payments", number=2, fail_decision=fail_decision)
    EngineState.objects.update(policy=policy, revision=2)
    body = decide_payment(payment(), client=client_system).body
    assert (body["decision"], body["degraded_parts"]) == (fail_decision, ["model"])
    assert body["risk_score"] == 0.0 and not body["is_fraud"]
    assert engine_status()["fault"] == "no model is registered: run manage.py train_model"


def test_a_replay_of_a_degraded_decision_says_so_again(payments_engine, payment, client_system):
    record = payment()
    first = decide_payment(record, client=client_system)
    again = decide_payment(record, client=client_system)
    assert again.replayed and again.body == first.body and again.body["degraded"]


def test_without_an_engine_nothing_is_stored(payment, client_system):
    with pytest.raises(EngineNotInstalled, match="install_engines"):
        decide_payment(payment(), client=client_system)
    assert not Transaction.objects.exists()
    assert "install_engines" in engine_status()["fault"]
