"""Taking a verdict back: within a minute by whoever gave it, later by anybody with a reason."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.models import Alert, OutboxMessage
from alerts.selectors import history_of
from alerts.services import (
    AlertConflict,
    AlertRefused,
    DispositionRefused,
    assign_alert,
    reopen_alert,
    resolve_alert,
    resolve_alerts,
    undo_resolution,
)
from fraud_detection.services.decisions import decide_payment
from transactions.models import Label
from transactions.services import record_labels

pytestmark = pytest.mark.django_db


def close(alert, user, **changes):
    given = {"disposition": "confirmed_fraud", "note": "called", "seen_version": alert.version}
    return resolve_alert(alert_id=alert.pk, acting_user=user, **(given | changes))


def labels():
    return list(Label.objects.order_by("id").values_list("verdict", "source", "fraud_delta", "recorded_by"))


def test_undo_restores_the_alert_and_withdraws_its_labels(alert, analyst, admin):
    given = assign_alert(alert_id=alert.pk, acting_user=admin, assignee=admin, seen_version=1)
    close(given, analyst)
    opened = undo_resolution(alert_id=alert.pk, acting_user=analyst, request_id="r")
    opened.refresh_from_db()
    assert (opened.status, opened.disposition, opened.note, opened.assignee) == ("open", "", "", admin)
    assert (opened.resolved_at, opened.resolved_by, opened.version) == (None, None, 4)
    assert opened.due_at == alert.due_at
    mine = analyst.email
    assert labels() == [("fraud", "analyst", 1, mine), ("withdrawn", "analyst", -1, mine)]
    assert OutboxMessage.objects.get(topic="alert.reopened").payload == {
        "alert_id": alert.pk, "was": "confirmed_fraud", "reason": "undone",
    }  # fmt: skip
    assert [step.what for step in history_of(opened)] == [
        "took the verdict back",
        "closed it as confirmed fraud",
        f"assigned it to {admin}",
    ]


def test_undo_goes_back_to_what_was_said_before(alert, analyst):
    event = alert.hits.first().assessment.transaction_id
    record_labels([event], verdict="fraud", source="chargeback", reason="10.4", known_at=timezone.now())
    close(alert, analyst, disposition="false_positive")
    undo_resolution(alert_id=alert.pk, acting_user=analyst)
    assert labels() == [
        ("fraud", "chargeback", 1, ""),
        ("legitimate", "analyst", -1, analyst.email),
        ("fraud", "chargeback", 1, analyst.email),
    ]


def test_what_was_said_since_stands(alert, analyst):
    close(alert, analyst)
    event = alert.hits.first().assessment.transaction_id
    record_labels([event], verdict="legitimate", source="customer", known_at=timezone.now())
    undo_resolution(alert_id=alert.pk, acting_user=analyst)
    assert [label[:2] for label in labels()] == [("fraud", "analyst"), ("legitimate", "customer")]


def test_undo_is_for_a_minute_and_for_who_closed_it(alert, analyst, admin):
    with pytest.raises(AlertRefused, match="is open"):
        undo_resolution(alert_id=alert.pk, acting_user=analyst)
    close(alert, analyst)
    with pytest.raises(AlertRefused, match="only who closed it"):
        undo_resolution(alert_id=alert.pk, acting_user=admin)
    Alert.objects.update(resolved_at=timezone.now() - timedelta(seconds=61))
    with pytest.raises(AlertRefused, match="more than 60 s ago"):
        undo_resolution(alert_id=alert.pk, acting_user=analyst)
    assert Alert.objects.get().status == "resolved" and len(labels()) == 1


def test_a_newer_alert_about_the_same_subject_is_the_one_to_decide(alert, analyst, drain, client_system):
    closed = close(alert, analyst)
    decide_payment(drain(), client=client_system)
    newer = Alert.objects.get(status="open")
    for again in (
        lambda: undo_resolution(alert_id=alert.pk, acting_user=analyst),
        lambda: reopen_alert(alert_id=alert.pk, acting_user=analyst, reason="x", seen_version=closed.version),
    ):
        with pytest.raises(AlertRefused, match=f"A-{newer.pk} was opened about the same subject"):
            again()
    assert Alert.objects.get(pk=alert.pk).status == "resolved" and len(labels()) == 1


def test_reopening_later_takes_a_reason_and_a_new_due_time(alert, analyst, admin):
    closed = close(alert, analyst)
    Alert.objects.update(resolved_at=closed.resolved_at - timedelta(days=3))
    Label.objects.update(known_at=closed.resolved_at - timedelta(days=3))
    with pytest.raises(DispositionRefused):
        reopen_alert(alert_id=alert.pk, acting_user=admin, reason=" ", seen_version=2)
    with pytest.raises(AlertConflict):
        reopen_alert(alert_id=alert.pk, acting_user=admin, reason="new facts", seen_version=1)
    opened = reopen_alert(alert_id=alert.pk, acting_user=admin, reason="new facts", seen_version=2)
    assert (opened.status, opened.version) == ("open", 3)
    assert timedelta(hours=3, minutes=59) < opened.due_at - timezone.now() <= timedelta(hours=4)
    assert [label[0] for label in labels()] == ["fraud", "withdrawn"]
    assert Label.objects.first().reason == f"A-{alert.pk} opened again: new facts"


@pytest.fixture
def other(alert):
    """A second alert about the same event, of another family."""
    other = Alert.objects.create(
        engine=alert.engine, family="velocity", subject_kind=alert.subject_kind, subject=alert.subject,
        severity="high", risk_score=70, amount_minor=1, reason="fast", rule="FAST", due_at=alert.due_at,
    )  # fmt: skip
    hit = alert.hits.first()
    hit.pk, hit.alert = None, other
    hit.save()
    return other


def verdicts():
    return [label[0] for label in labels()]


def test_undoing_one_of_two_verdicts_given_at_one_moment_leaves_the_other(alert, other, analyst):
    seen = [(alert.pk, alert.version), (other.pk, other.version)]
    resolve_alerts(seen, acting_user=analyst, disposition="confirmed_fraud", note="both")
    undo_resolution(alert_id=alert.pk, acting_user=analyst)
    assert verdicts() == ["fraud"]
    undo_resolution(alert_id=other.pk, acting_user=analyst)
    assert verdicts() == ["fraud", "withdrawn"]


def test_a_verdict_that_was_undone_is_not_what_another_undo_goes_back_to(alert, other, analyst):
    close(alert, analyst)
    close(other, analyst, disposition="false_positive")
    undo_resolution(alert_id=alert.pk, acting_user=analyst)
    assert verdicts() == ["fraud", "legitimate"]
    undo_resolution(alert_id=other.pk, acting_user=analyst)
    assert verdicts() == ["fraud", "legitimate", "withdrawn"]


def test_a_verdict_that_an_undo_went_back_to_can_be_undone_too(alert, other, analyst):
    close(alert, analyst)
    close(other, analyst, disposition="false_positive")
    undo_resolution(alert_id=other.pk, acting_user=analyst)
    assert verdicts() == ["fraud", "legitimate", "fraud"]
    undo_resolution(alert_id=alert.pk, acting_user=analyst)
    assert verdicts() == ["fraud", "legitimate", "fraud", "withdrawn"]
    assert sum(Label.objects.values_list("fraud_delta", flat=True)) == 0
