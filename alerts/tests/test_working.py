"""Assigning and resolving: the verdict becomes a label, a stale view is refused, the trail tells."""

import pytest
from django.utils import timezone

from alerts.models import Alert, OutboxMessage, ReasonCode
from alerts.services import (
    AlertConflict,
    DispositionRefused,
    assign_alert,
    look_at,
    raise_alerts,
    resolve_alert,
)
from fraud_detection.services.decisions import decide_payment
from logs.models import AuditEvent
from transactions.models import Label

pytestmark = pytest.mark.django_db


def resolve(alert, user, **changes):
    options = {"disposition": "confirmed_fraud", "note": "called the customer", "seen_version": alert.version}
    return resolve_alert(alert_id=alert.pk, acting_user=user, **(options | changes))


def state():
    return (
        list(Alert.objects.order_by("id").values()),
        list(Label.objects.values()),
        AuditEvent.objects.count(),
        OutboxMessage.objects.count(),
    )


def test_a_resolution_is_stored_audited_and_told(alert, analyst):
    result = resolve(alert, analyst, note="  called the customer\n", request_id="trace-1")
    alert.refresh_from_db()
    assert result == alert
    assert (alert.status, alert.disposition, alert.note) == (
        "resolved",
        "confirmed_fraud",
        "called the customer",
    )
    assert (alert.resolved_by, alert.version) == (analyst, 2)
    event = AuditEvent.objects.get(action="alert.resolved")
    assert (event.actor, event.subject, event.request_id) == (analyst.email, str(alert.pk), "trace-1")
    deed = {"disposition": "confirmed_fraud", "note": "called the customer", "version": 2}
    assert (event.before, event.after) == ({"status": "open"}, deed)
    message = OutboxMessage.objects.get(topic="alert.resolved")
    assert message.payload == {
        "alert_id": alert.pk, "engine": "payments", "family": alert.family, "severity": alert.severity,
        "disposition": "confirmed_fraud", "at": alert.resolved_at.isoformat(),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("disposition", "verdict", "delta"),
    [("confirmed_fraud", "fraud", 1), ("false_positive", "legitimate", 0)],
)
def test_a_verdict_labels_every_event_of_the_alert(
    alert, analyst, drain, client_system, disposition, verdict, delta
):
    decide_payment(drain(), client=client_system)
    alert.refresh_from_db()
    assert alert.hit_count == 2
    resolve(alert, analyst, disposition=disposition)
    alert.refresh_from_db()
    labels = Label.objects.values_list(
        "verdict", "source", "fraud_delta", "known_at", "recorded_by", "reason"
    )
    expected = (verdict, "analyst", delta, alert.resolved_at, analyst.email, "called the customer")
    assert list(labels) == [expected] * 2


@pytest.mark.parametrize("disposition", ["inconclusive", "duplicate"])
def test_no_verdict_is_no_label(alert, analyst, suspicion, disposition):
    (other,) = raise_alerts([suspicion(subject="other")], at=timezone.now())
    original = other if disposition == "duplicate" else None
    closed = resolve(alert, analyst, disposition=disposition, duplicate_of=original)
    assert (closed.disposition, closed.duplicate_of_id) == (disposition, original)
    assert not Label.objects.exists()


def test_a_duplicate_names_the_alert_that_it_repeats(alert, analyst, suspicion):
    (other,) = raise_alerts([suspicion(subject="other")], at=timezone.now())
    resolve(Alert.objects.get(pk=other), analyst, disposition="duplicate", duplicate_of=alert.pk)
    before = state()
    for named, why in (
        (None, "name the alert"),
        (alert.pk, "does not repeat itself"),
        (2**62, "there is no A-"),
        (2**70, "there is no A-"),
        (-1, "there is no A-"),
        (other, f"name A-{alert.pk}"),
    ):
        with pytest.raises(DispositionRefused, match=why) as refused:
            resolve(alert, analyst, disposition="duplicate", duplicate_of=named)
        assert refused.value.field == "duplicate_of"
    with pytest.raises(DispositionRefused, match="duplicate only"):
        resolve(alert, analyst, duplicate_of=other)
    assert state() == before


def test_a_reason_code_stands_for_a_note(alert, analyst):
    closed = resolve(alert, analyst, reason_code="known_fraud", note=" same device ")
    assert (closed.reason_code, closed.note) == ("known_fraud", "Linked to known fraud: same device")
    assert AuditEvent.objects.get(action="alert.resolved").after["reason_code"] == "known_fraud"


@pytest.mark.parametrize("code", ["not_reached", "nothing", "\x00", "x" * 999])
def test_a_reason_of_another_verdict_or_of_none_is_refused(alert, analyst, code):
    with pytest.raises(DispositionRefused, match="customer_denied, known_fraud, takeover"):
        resolve(alert, analyst, reason_code=code)
    ReasonCode.objects.filter(code="known_fraud").update(active=False)
    with pytest.raises(DispositionRefused, match=r"there are: customer_denied, takeover$"):
        resolve(alert, analyst, reason_code="known_fraud")
    assert Alert.objects.get().status == "open"


def test_who_comes_second_hears_who_was_first_and_changes_nothing(alert, analyst, admin):
    analyst.name = "Ana Analyst"
    analyst.save()
    resolve(alert, analyst)
    alert.refresh_from_db()
    when = timezone.localtime(alert.resolved_at).strftime("%H:%M:%S")
    before = state()
    for version in (1, 2):
        with pytest.raises(AlertConflict) as conflict:
            resolve(alert, admin, disposition="false_positive", seen_version=version)
        assert str(conflict.value) == f"Ana Analyst closed A-{alert.pk} as confirmed fraud at {when}"
        assert conflict.value.alert == alert
    assert state() == before


def test_a_stale_view_is_refused(alert, analyst, drain, client_system):
    decide_payment(drain(), client=client_system)
    before = state()
    with pytest.raises(AlertConflict, match="it now has 2 hits, at version 2"):
        resolve(alert, analyst, seen_version=1)
    with pytest.raises(AlertConflict):
        assign_alert(alert_id=alert.pk, acting_user=analyst, assignee=analyst, seen_version=1)
    assert state() == before


def test_who_looked_hears_what_came_since_and_who_did_what(alert, analyst, admin, drain, client_system):
    admin.name = "Bo Boss"
    admin.save()
    look_at(alert, analyst, at=timezone.now())
    for _ in range(3):
        decide_payment(drain(), client=client_system)
    with pytest.raises(AlertConflict) as conflict:
        resolve(alert, analyst)
    assert str(conflict.value) == f"A-{alert.pk} changed since you looked: +3 new hits"
    assign_alert(alert_id=alert.pk, acting_user=admin, assignee=analyst, seen_version=4)
    when = timezone.localtime(AuditEvent.objects.get(action="alert.assigned").at).strftime("%H:%M:%S")
    with pytest.raises(AlertConflict) as conflict:
        resolve(alert, analyst, seen_version=4)
    told = f"Bo Boss assigned it to {analyst} at {when}; +3 new hits"
    assert str(conflict.value) == f"A-{alert.pk} changed since you looked: {told}"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"disposition": "guilty"}, "disposition"),
        ({"disposition": ""}, "disposition"),
        ({"note": ""}, "note"),
        ({"note": " \n\t"}, "note"),
        ({"note": "x" * 4001}, "note"),
        ({"note": "nul \x00"}, "note"),
        ({"note": "surrogate \ud800"}, "note"),
    ],
)
def test_bad_input_names_its_field_and_changes_nothing(alert, analyst, changes, field):
    before = state()
    with pytest.raises(DispositionRefused) as refused:
        resolve(alert, analyst, **changes)
    assert refused.value.field == field and state() == before


def test_an_unknown_alert_is_not_there(db, analyst):
    with pytest.raises(Alert.DoesNotExist):
        resolve_alert(alert_id=9, acting_user=analyst, disposition="inconclusive", note="x", seen_version=1)


def test_a_hit_after_the_resolution_opens_a_new_alert(alert, analyst, drain, client_system):
    resolve(alert, analyst)
    closed = Alert.objects.values().get()
    decide_payment(drain(), client=client_system)
    fresh = Alert.objects.get(status="open")
    assert (fresh.hit_count, fresh.version, fresh.subject) == (1, 1, alert.subject)
    assert fresh.pk != alert.pk and Alert.objects.filter(pk=alert.pk).values().get() == closed


def test_an_alert_is_given_to_somebody_and_taken_back(alert, analyst, admin):
    given = assign_alert(alert_id=alert.pk, acting_user=admin, assignee=analyst, seen_version=1)
    assert (given.assignee, given.version) == (analyst, 2)
    taken = assign_alert(alert_id=alert.pk, acting_user=admin, assignee=None, seen_version=2, request_id="r")
    assert (taken.assignee, taken.version) == (None, 3)
    events = (
        AuditEvent.objects.filter(action="alert.assigned")
        .order_by("id")
        .values_list("actor", "before", "after")
    )
    assert list(events) == [
        (admin.email, {"assignee": None}, {"assignee": analyst.pk, "version": 2}),
        (admin.email, {"assignee": analyst.pk}, {"assignee": None, "version": 3}),
    ]
    resolve(taken, analyst)
    with pytest.raises(AlertConflict, match="closed"):
        assign_alert(alert_id=alert.pk, acting_user=admin, assignee=admin, seen_version=4)
