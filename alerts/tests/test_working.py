"""Assigning and resolving: the verdict becomes a label, a stale view is refused, the trail tells."""

import pytest
from django.utils import timezone

from alerts.models import Alert, OutboxMessage
from alerts.services import AlertConflict, DispositionRefused, assign_alert, resolve_alert
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
    assert (event.before, event.after) == ({"status": "open"}, {"disposition": "confirmed_fraud"})
    message = OutboxMessage.objects.get(topic="alert.resolved")
    assert message.payload == {"alert_id": alert.pk, "disposition": "confirmed_fraud"}


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
def test_no_verdict_is_no_label(alert, analyst, disposition):
    assert resolve(alert, analyst, disposition=disposition).disposition == disposition
    assert not Label.objects.exists()


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
        resolve_alert(alert_id=9, acting_user=analyst, disposition="duplicate", note="x", seen_version=1)


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
        (admin.email, {"assignee": None}, {"assignee": analyst.pk}),
        (admin.email, {"assignee": analyst.pk}, {"assignee": None}),
    ]
    resolve(taken, analyst)
    with pytest.raises(AlertConflict, match="closed"):
        assign_alert(alert_id=alert.pk, acting_user=admin, assignee=admin, seen_version=4)
