"""Alerts join cases by rule: set by set, once, whoever runs beside."""

from datetime import timedelta

import pytest

from alerts.models import Alert, Case, CaseAlert, CaseRule, OutboxMessage
from alerts.services import raise_alerts
from alerts.services.cases.closing import close_case
from alerts.services.cases.errors import CaseConflict
from alerts.services.cases.opening import open_case
from alerts.services.cases.rule_editing import save_case_rule
from alerts.services.cases.ruling import apply_case_rules
from alerts.tests.conftest import NOON
from logs.models import AuditEvent
from users.models import Customer

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def rule(db):
    return CaseRule.objects.create(name="grave", since=NOON, min_severity="high")


@pytest.fixture
def raised(suspicion):
    """raised("c1", "a", severity="low") is an alert on subject a of customer c1."""

    def make(customer, subject, at=NOON, **fields):
        known = Customer.objects.get_or_create(external_id=customer)[0] if customer else None
        made = suspicion(subject=subject, customer_id=known and known.pk, **fields)
        return raise_alerts([made], at=at)[0]

    return make


def cases():
    return {
        case.customer.external_id: sorted(case.memberships.values_list("alert__subject", flat=True))
        for case in Case.objects.all()
    }


def test_alerts_of_one_customer_make_one_case_and_later_ones_join_it(rule, raised):
    raised("c1", "a"), raised("c1", "b", severity="critical"), raised("c2", "c"), raised(None, "d")
    raised("c1", "e", severity="medium")
    assert apply_case_rules(LATER) == 3
    assert cases() == {"c1": ["a", "b"], "c2": ["c"]}
    case = Case.objects.get(customer__external_id="c1")
    assert (case.severity, case.opened_by, case.title) == ("critical", "case rule grave", "grave: drained")
    assert set(CaseAlert.objects.values_list("added_by", flat=True)) == {"case rule grave"}
    assert apply_case_rules(LATER) == 0
    raised("c1", "f")
    assert apply_case_rules(LATER) == 1
    case.refresh_from_db()
    assert cases()["c1"] == ["a", "b", "f"] and case.version == 2
    assert AuditEvent.objects.filter(action="case.opened", actor_kind="rule").count() == 2
    assert AuditEvent.objects.get(action="case.alerts_added").subject == str(case.pk)
    assert OutboxMessage.objects.filter(topic="case.created").count() == 2
    assert OutboxMessage.objects.get(topic="case.updated").payload["case_id"] == case.pk


@pytest.mark.parametrize(
    ("condition", "joined"),
    [
        ({}, ["a", "b"]),
        ({"enabled": False}, []),
        ({"since": LATER}, []),
        ({"engine": "aml"}, ["b"]),
        ({"rule_codes": ["ACCOUNT_DRAIN", "OTHER"]}, ["a"]),
        ({"min_amount_minor": 10_001}, ["b"]),
        ({"min_alerts": 2, "within_days": 1}, ["a", "b"]),
        ({"min_alerts": 3}, []),
    ],
)
def test_every_condition_counts(rule, raised, condition, joined):
    raised("c1", "a")
    raised("c1", "b", engine="aml", rule="RING", amount_minor=20_000)
    CaseRule.objects.filter(pk=rule.pk).update(**condition)
    apply_case_rules(LATER)
    assert sorted(CaseAlert.objects.values_list("alert__subject", flat=True)) == joined


def test_a_case_made_by_hand_takes_the_alerts_and_a_closed_one_does_not(rule, raised, analyst):
    raised("c1", "a")
    case = open_case(title="mine", acting_user=analyst, customer=Customer.objects.get())
    apply_case_rules(LATER)
    assert case.memberships.get().alert.subject == "a"
    close_case(case_id=case.pk, acting_user=analyst, verdict="inconclusive", note="x", seen_version=2)
    raised("c1", "a", at=LATER)
    assert apply_case_rules(LATER) == 1
    assert Case.objects.count() == 2


def test_a_case_becomes_as_grave_as_its_alerts_without_a_new_version(rule, raised):
    raised("c1", "a")
    apply_case_rules(LATER)
    raised("c1", "a", severity="critical")
    assert Alert.objects.get().severity == "critical"
    apply_case_rules(LATER)
    assert (Case.objects.get().severity, Case.objects.get().version) == ("critical", 1)


def test_a_rule_is_changed_with_a_trace_and_not_from_a_stale_view(rule, admin, analyst):
    stale = CaseRule.objects.get()
    rule.min_severity = "low"
    save_case_rule(rule=rule, acting_user=admin)
    event = AuditEvent.objects.get(action="case_rule.changed")
    assert (event.before["min_severity"], event.after["min_severity"]) == ("high", "low")
    with pytest.raises(CaseConflict, match=f"{admin.email} changed the rule “grave”"):
        save_case_rule(rule=stale, acting_user=analyst)
    assert CaseRule.objects.get().version == 2
