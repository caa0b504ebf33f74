"""A rule that keeps quiet about one entity: recorded, but neither risk nor alert, until its time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.models import Alert
from fraud_detection.models import Assessment, RuleHit, RuleSnooze
from fraud_detection.services import serving
from fraud_detection.services.decisions import decide_payment, decide_payments
from fraud_detection.services.replaying import replay
from fraud_detection.services.snoozing import SnoozeRefused, end_snooze, snooze_rule
from logs.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("approving_engine")]


@pytest.fixture
def snooze(analyst):
    def make(**changes):
        asked = {
            "engine": "payments",
            "rule": "ACCOUNT_DRAIN",
            "subject_kind": "sender",
            "subject": "acc-1",
            "reason": "Pays its rent this way",
            "until": timezone.now() + timedelta(days=30),
        } | changes
        made = snooze_rule(acting_user=analyst, **asked)
        serving._checked_at.clear()
        return made

    return make


@pytest.fixture
def decide(drain, client_system):
    return lambda **changes: decide_payment(drain(**changes), client=client_system).body


def outcome(body):
    return body["decision"], body["risk_score"], [alert["rule"] for alert in body["alerts"]]


def test_a_snoozed_hit_is_recorded_and_counts_for_nothing(decide, snooze):
    assert outcome(decide()) == ("review", 60.0, ["ACCOUNT_DRAIN"])
    made, alerts = snooze(), Alert.objects.count()
    body = decide()
    assert outcome(body) == ("approve", 0.0, [])
    hit = RuleHit.objects.get(assessment=body["id"])
    assert (hit.rule, hit.snoozed, hit.alert_id) == ("ACCOUNT_DRAIN", True, None)
    assert hit.metadata["snoozed"]["id"] == made.pk
    assert Alert.objects.count() == alerts and Alert.objects.get().hit_count == 1


def test_only_that_entity_is_spared(decide, snooze):
    snooze()
    assert outcome(decide(sender_id="acc-3"))[0] == "review"


def test_a_batch_says_the_same(decide, drain, snooze, client_system):
    snooze()
    bodies = [d.body for d in decide_payments([drain(), drain(sender_id="acc-3")], client=client_system)]
    assert [outcome(body) for body in bodies] == [
        ("approve", 0.0, []),
        ("review", 60.0, ["ACCOUNT_DRAIN"]),
    ]
    assert outcome(decide()) == outcome(bodies[0])


def test_it_ends_with_its_time_or_by_hand(decide, snooze, analyst):
    made = snooze()
    assert outcome(decide())[0] == "approve"
    RuleSnooze.objects.update(created_at=timezone.now() - timedelta(days=2), until=timezone.now())
    serving._checked_at.clear()
    assert outcome(decide())[0] == "review"
    again = snooze()
    assert outcome(decide())[0] == "approve"
    end_snooze(snooze_id=again.pk, acting_user=analyst)
    serving._checked_at.clear()
    assert outcome(decide())[0] == "review"
    made.refresh_from_db()
    assert made.ended_at is not None
    assert list(AuditEvent.objects.filter(subject_kind="rule_snooze").values_list("action", flat=True)) == [
        "rule_snooze.ended",
        "rule_snooze.made",
        "rule_snooze.made",
    ]


def test_each_decision_replays_whatever_was_snoozed_since(decide, snooze, analyst):
    before = decide()
    made = snooze()
    during = decide()
    end_snooze(snooze_id=made.pk, acting_user=analyst)
    serving._checked_at.clear()
    after = decide()
    for body in (before, during, after):
        assert replay(Assessment.objects.get(pk=body["id"])).equal


def test_a_repeated_event_is_answered_as_before(drain, client_system, snooze):
    snooze()
    event = drain()
    first = decide_payment(event, client=client_system)
    again = decide_payment(event, client=client_system)
    assert again.replayed and again.body == first.body


def test_a_second_snooze_takes_the_place_of_the_first(snooze):
    first, second = snooze(), snooze(until=timezone.now() + timedelta(days=60))
    first.refresh_from_db()
    assert (first.ended_at is not None, second.ended_at) == (True, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rule": "BLOCKLIST"}, "rule"),
        ({"rule": "NO_SUCH_RULE"}, "rule"),
        ({"engine": "nowhere"}, "rule"),
        ({"rule": "NUL\x00"}, "rule"),
        ({"subject_kind": "pair"}, "subject_kind"),
        ({"subject": " "}, "subject"),
        ({"subject": "x" * 129}, "subject"),
        ({"reason": ""}, "reason"),
        ({"until": timezone.now() - timedelta(seconds=1)}, "until"),
        ({"until": timezone.now() + timedelta(days=366)}, "until"),
    ],
)
def test_what_cannot_be_snoozed_is_refused(changes, field, snooze):
    with pytest.raises(SnoozeRefused) as refused:
        snooze(**changes)
    assert refused.value.field == field and not RuleSnooze.objects.exists()
    assert not AuditEvent.objects.filter(subject_kind="rule_snooze").exists()


def test_a_snooze_loads_no_rules_anew(snooze):
    before = serving.serving("payments")
    snooze()
    assert serving.serving("payments").rule_set is before.rule_set
