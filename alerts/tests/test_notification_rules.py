"""Rules of who is told what: what they match, whom they reach, and which could never tell anybody."""

import pytest
from django.utils import timezone

from alerts.models import Alert, Notification, NotificationRule
from alerts.services.cases.opening import open_case
from alerts.services.notifying import managing
from alerts.services.outbox import relay_outbox
from alerts.services.raising import raise_alerts
from alerts.services.working import resolve_alert
from alerts.tests.people_messages import tell

pytestmark = pytest.mark.django_db
VALUES = {"name": "mine", "topic": "alert.created", "roles": ["admin"], "channels": ["in_app"]}


@pytest.fixture
def told(admin):
    """told(topic="...") stores this rule alone; afterwards `told.titles()` is what the admin heard."""

    def store(**values):
        made = managing.save_rule(None, values=VALUES | values, acting_user=admin)
        NotificationRule.objects.exclude(pk=made.pk).delete()
        relay_outbox()  # what happened before concerns no test
        Notification.objects.all().delete()

    def titles():
        relay_outbox()
        return [one.title for one in Notification.objects.filter(user=admin)]

    store.titles = titles
    return store


@pytest.mark.parametrize(
    ("condition", "heard"),
    [
        *(({"min_severity": "high"}, True), ({"min_severity": "critical"}, False)),
        *(({"engine": "payments"}, True), ({"engine": "aml"}, False)),
        *(({"min_amount_minor": 5_000}, True), ({"min_amount_minor": 5_001}, False)),
    ],
)
def test_who_hears_of_closed_alerts_is_a_matter_of_the_alert(told, alert, analyst, condition, heard):
    alert.severity, alert.amount_minor = "high", 5_000
    alert.save()
    told(topic="alert.resolved", **condition)
    resolve_alert(
        alert_id=alert.pk,
        acting_user=analyst,
        disposition="false_positive",
        note="n",
        seen_version=alert.version,
    )
    assert told.titles() == ([f"Alert {alert} was closed"] if heard else [])


@pytest.mark.parametrize(
    ("condition", "heard"),
    [
        *(({"engine": "payments"}, True), ({"engine": "market"}, False)),
        *(({"min_amount_minor": 5_000}, True), ({"min_amount_minor": 5_001}, False)),
    ],
)
def test_who_hears_of_cases_is_a_matter_of_their_alerts(told, alert, analyst, condition, heard):
    alert.amount_minor = 5_000
    alert.save()
    told(topic="case.created", **condition)
    case = open_case(title="Ring", alert_ids=[alert.pk], acting_user=analyst)
    assert told.titles() == ([f"Case {case} was opened"] if heard else [])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        *(({"roles": []}, "roles"), ({"roles": [], "channels": ["email"]}, "roles")),
        ({"topic": "job.finished", "min_amount_minor": 1}, "min_amount_minor"),
        ({"topic": "model.promoted", "min_severity": "high"}, "min_severity"),
        ({"topic": "notice.fraud", "engine": "aml"}, "engine"),
    ],
)
def test_a_rule_that_could_never_tell_anybody_is_refused(admin, values, field):
    with pytest.raises(managing.RuleRefused) as refused:
        managing.save_rule(None, values=VALUES | values, acting_user=admin)
    assert refused.value.field == field and not NotificationRule.objects.exists()


def test_a_channel_of_one_person_needs_that_person_and_a_shared_one_nobody(admin, analyst):
    own = managing.new_channel(name="own", url="json://1.1.1.1/a", owner=analyst, acting_user=admin)
    shared = managing.new_channel(name="all", url="json://1.1.1.1/b", acting_user=admin)
    values = VALUES | {"roles": []}
    with pytest.raises(managing.RuleRefused, match="reach nobody"):
        managing.save_rule(None, values=values | {"channels": [f"channel:{own.pk}"]}, acting_user=admin)
    made = managing.save_rule(None, values=values | {"channels": [f"channel:{shared.pk}"]}, acting_user=admin)
    with pytest.raises(managing.RuleRefused, match="reach nobody"):  # what is not sent stays as stored
        managing.save_rule(made.pk, values={"name": "n", "topic": "alert.created", "channels": ["email"]},
                           acting_user=admin)  # fmt: skip
    made.refresh_from_db()
    assert (made.name, made.channels) == ("mine", [f"channel:{shared.pk}"])


def test_the_shipped_rules_ring_the_bell_of_who_works_alerts(analyst, admin, auditor):
    tell(severity="high")
    assert set(Notification.objects.values_list("user", flat=True)) == {analyst.pk, admin.pk}
    one = Notification.objects.get(user=analyst)
    assert (one.title, one.link, one.severity) == ("High alert A-1: DRAIN", "/alerts/1/", "high")
    tell(severity="medium", start=2)
    assert Notification.objects.count() == 2
    tell(topic="system.alert", severity="high", message="disk is full")
    told = Notification.objects.get(topic="system.alert")
    assert (told.user, told.link) == (admin, "/")


def test_a_rule_asks_for_severity_engine_amount_and_queue(rule, analyst, alert):
    alert.amount_minor = 5_000
    alert.save()
    rule(min_severity="high", engine="payments", min_amount_minor=5_000, channels=["in_app"])
    relay_outbox()  # the alert's own message
    Notification.objects.all().delete()
    tell(start=alert.pk, severity="medium")
    tell(start=alert.pk, engine="aml")
    tell(start=alert.pk + 1)  # an alert nobody knows has no amount
    assert not Notification.objects.exists()
    tell(start=alert.pk, severity="high")
    assert Notification.objects.filter(user=analyst).count() == 1


def test_members_of_a_queue_are_told_of_its_alerts(rule, person):
    from alerts.models import Queue, QueueMember

    member, _other = person("analyst"), person("analyst")
    queue = Queue.objects.create(name="cards")
    QueueMember.objects.create(queue=queue, user=member)
    rule(roles=[], queue="cards", channels=["in_app"])
    tell(queue="cards")
    tell(start=2, queue="loans")
    assert [(one.user, one.count) for one in Notification.objects.all()] == [(member, 1)]


def test_the_first_rule_brings_the_shipped_ones_along(admin):
    values = {"name": "mine", "topic": "job.finished", "roles": ["admin"], "channels": ["in_app"]}
    made = managing.save_rule(None, values=values, acting_user=admin)
    assert NotificationRule.objects.count() == 7
    with pytest.raises(managing.RuleRefused) as refused:
        managing.save_rule(None, values=values, acting_user=admin)
    assert refused.value.field == "name"
    with pytest.raises(managing.NotifyingConflict):
        managing.save_rule(made.pk, values=values, acting_user=admin, seen=9)
    for wrong in ({"channels": ["fax"]}, {"roles": ["king"]}, {"topic": "x"}, {"queue": "none"}):
        with pytest.raises(managing.RuleRefused):
            managing.save_rule(None, values=values | {"name": "n"} | wrong, acting_user=admin)
    assert NotificationRule.objects.count() == 7


def test_an_alert_that_becomes_graver_is_told_to_who_wanted_to_hear_from_there_on(told, suspicion):
    told(min_severity="high")
    for severity in ("low", "medium", "high", "high", "critical"):
        raise_alerts([suspicion(severity=severity)], at=timezone.now())
    assert len(told.titles()) == 1
    assert Alert.objects.get().told_severity == "critical"
    assert told.titles() == told.titles()


def test_each_threshold_is_told_once_and_not_before_it_is_reached(told, suspicion):
    told(min_severity="critical")
    raise_alerts([suspicion(severity="high")], at=timezone.now())
    assert told.titles() == []
    raise_alerts([suspicion(severity="critical")], at=timezone.now())
    assert len(told.titles()) == 1
