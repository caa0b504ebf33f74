"""Closing cases: alerts and labels follow, large confirmed fraud needs a second person."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.models import Alert, Case, OutboxMessage
from alerts.services import AlertRefused, resolve_alert, resolve_alerts
from alerts.services.cases.closing import approve_closing, close_case, send_back_closing
from alerts.services.cases.errors import CaseConflict, CaseRefused, SecondPersonNeeded
from alerts.services.cases.merging import split_case
from alerts.services.cases.opening import add_alerts, open_case
from alerts.services.cases.working import move_case
from fraud_detection.services.decisions import decide_payment
from logs.models import AuditEvent
from transactions.models import Label

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(alert, analyst):
    """A case of one alert: 9,100.00 at stake, below the threshold of a second person."""
    return open_case(title="Drained", acting_user=analyst, alert_ids=[alert.pk])


@pytest.fixture
def large(case, settings):
    settings.CASE_FOUR_EYES_AMOUNT = 9_099
    return case


def close(case, user, **changes):
    options = {"verdict": "confirmed_fraud", "note": "customer denied it", "seen_version": 1}
    return close_case(case_id=case.pk, acting_user=user, **(options | changes))


def state():
    return (
        list(Case.objects.values()),
        list(Alert.objects.values()),
        Label.objects.count(),
        AuditEvent.objects.count(),
        OutboxMessage.objects.count(),
    )


def test_the_alerts_of_a_case_are_closed_with_its_verdict_and_labelled(case, alert, analyst):
    closed = close(case, analyst, request_id="trace-1")
    alert.refresh_from_db()
    assert (closed.status, closed.verdict, closed.closed_by, closed.version) == (
        *("closed", "confirmed_fraud", analyst),
        2,
    )
    assert (alert.status, alert.disposition, alert.resolved_by) == ("resolved", "confirmed_fraud", analyst)
    assert alert.note == "customer denied it" and Label.objects.get().verdict == "fraud"
    event = AuditEvent.objects.get(action="case.closed")
    assert (event.after, event.request_id) == (
        {"verdict": "confirmed_fraud", "alerts": [alert.pk]},
        "trace-1",
    )
    assert OutboxMessage.objects.get(topic="case.closed").payload["disposition"] == "confirmed_fraud"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"verdict": "duplicate"}, "verdict"), ({"verdict": ""}, "verdict"), ({"note": " "}, "note")],
)
def test_a_wrong_verdict_changes_nothing(case, analyst, changes, field):
    before = state()
    with pytest.raises(CaseRefused) as refused:
        close(case, analyst, **changes)
    assert refused.value.field == field and state() == before


def test_an_alert_that_grew_meanwhile_stands_in_the_way(case, alert, analyst, drain, client_system):
    decide_payment(drain(), client=client_system)
    before = state()
    with pytest.raises(CaseConflict, match=rf"changed since you looked: A-{alert.pk} \(2 hits now\)"):
        close(case, analyst, seen_alerts={alert.pk: 1})
    assert state() == before
    closed = close(case, analyst, seen_alerts={alert.pk: 2}, verdict="inconclusive")
    assert closed.status == "closed"


def test_large_fraud_waits_for_somebody_else(large, alert, analyst, admin):
    proposed = close(large, analyst)
    assert (proposed.status, proposed.proposed_by, proposed.verdict) == ("waiting", analyst, "")
    assert Alert.objects.get().status == "open" and not Label.objects.exists()
    event = AuditEvent.objects.get(action="case.closing_proposed")
    assert event.after["amount_minor"] == 910_000
    before = state()
    with pytest.raises(SecondPersonNeeded, match="somebody else"):
        approve_closing(case_id=large.pk, acting_user=analyst, seen_version=2)
    with pytest.raises(CaseConflict, match="still to be decided"):
        close(large, admin, seen_version=2)
    with pytest.raises(CaseConflict, match="still to be decided"):
        move_case(case_id=large.pk, acting_user=admin, status="investigating", seen_version=2)
    with pytest.raises(CaseConflict, match="proposed to close it as confirmed fraud"):
        approve_closing(case_id=large.pk, acting_user=admin, seen_version=1)
    assert state() == before
    closed = approve_closing(case_id=large.pk, acting_user=admin, seen_version=2)
    assert (closed.status, closed.closed_by, closed.proposed_by) == ("closed", admin, None)
    assert closed.note == f"customer denied it (proposed by {analyst})"
    assert Alert.objects.get().disposition == "confirmed_fraud" and Label.objects.get().verdict == "fraud"
    assert AuditEvent.objects.get(action="case.closed").after["proposed_by"] == analyst.email


def test_hits_after_the_proposal_are_not_approved_unseen(large, alert, analyst, admin, drain, client_system):
    close(large, analyst)
    decide_payment(drain(), client=client_system)
    before = state()
    approval = {"case_id": large.pk, "acting_user": admin, "seen_version": 2}
    with pytest.raises(CaseConflict, match=rf"hit since it was proposed: A-{alert.pk} \(2 hits now\)"):
        approve_closing(**approval)
    with pytest.raises(CaseConflict, match=rf"changed since you looked: A-{alert.pk} \(2 hits now\)"):
        approve_closing(**approval, seen_alerts={alert.pk: 1})
    assert state() == before
    assert approve_closing(**approval, seen_alerts={alert.pk: 2}).status == "closed"


def test_a_proposal_is_sent_back_with_a_reason(large, analyst, admin):
    close(large, analyst)
    with pytest.raises(CaseRefused):
        send_back_closing(case_id=large.pk, acting_user=admin, reason="", seen_version=2)
    back = send_back_closing(case_id=large.pk, acting_user=admin, reason="call first", seen_version=2)
    assert (back.status, back.proposed_by, back.proposed_verdict) == ("investigating", None, "")
    with pytest.raises(CaseConflict, match="no closing is proposed"):
        approve_closing(case_id=large.pk, acting_user=admin, seen_version=3)


@pytest.mark.parametrize("verdict", ["false_positive", "inconclusive"])
def test_other_verdicts_need_nobody_else(large, analyst, verdict):
    assert close(large, analyst, verdict=verdict).status == "closed"


def test_an_alert_of_such_a_case_is_not_confirmed_past_the_second_person(large, alert, analyst):
    before, why = state(), rf"A-{alert.pk} belongs to {large}, .* needs a second person"
    verdict = {"disposition": "confirmed_fraud", "note": "denied"}
    with pytest.raises(AlertRefused, match=why):
        resolve_alert(alert_id=alert.pk, acting_user=analyst, seen_version=1, **verdict)
    result = resolve_alerts([(alert.pk, 1)], acting_user=analyst, **verdict)
    assert (result.done, [pk for pk, _ in result.refused]) == ([], [alert.pk])
    assert state() == before
    cleared = {"disposition": "false_positive", "note": "known"}
    assert resolve_alerts([(alert.pk, 1)], acting_user=analyst, **cleared).done == [alert.pk]


def test_exactly_the_amount_needs_nobody_else(case, analyst, settings):
    settings.CASE_FOUR_EYES_AMOUNT = 9_100
    alone = {"disposition": "confirmed_fraud", "note": "denied", "seen_version": 1}
    alert = resolve_alert(alert_id=case.alerts.get().pk, acting_user=analyst, **alone)
    assert alert.status == "resolved" and close(case, analyst).status == "closed"


def test_a_clock_that_goes_ahead_puts_no_verdict_into_the_future(case, analyst, monkeypatch):
    ahead = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: ahead)
    close(case, analyst, seen_version=case.version)
    alert = Alert.objects.get()
    assert alert.resolved_at == Label.objects.get().known_at < ahead - timedelta(minutes=30)


def test_the_parts_of_a_split_case_need_a_second_person_as_the_whole_did(large, alert, analyst, admin):
    Alert.objects.filter(pk=alert.pk).update(amount_minor=500_000)
    copied = Alert.objects.get(pk=alert.pk)
    copied.pk, copied.subject, copied.amount_minor = None, "another", 500_000
    copied.save(force_insert=True)
    whole = add_alerts(case_id=large.pk, alert_ids=[copied.pk], acting_user=analyst, seen_version=1)
    part = split_case(
        case_id=whole.pk, alert_ids=[copied.pk], title="part", acting_user=analyst, seen_version=whole.version
    )
    whole.refresh_from_db()
    assert (part.split_from_minor, whole.split_from_minor) == (1_000_000, 1_000_000)
    with pytest.raises(AlertRefused):
        resolve_alert(
            alert_id=copied.pk,
            acting_user=analyst,
            disposition="confirmed_fraud",
            note="n",
            seen_version=copied.version,
        )
    for case in (whole, part):
        proposed = close(case, analyst, seen_version=case.version)
        assert proposed.status != "closed" and proposed.awaits_second
