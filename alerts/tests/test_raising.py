"""One open alert per engine, family and subject; hits are appended to it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from alerts.models import Alert, OutboxMessage
from alerts.selectors import queue
from alerts.services import raise_alerts
from alerts.tests.conftest import NOON

pytestmark = pytest.mark.django_db


def test_a_first_suspicion_opens_an_alert(suspicion):
    (alert_id,) = raise_alerts([suspicion()], at=NOON)
    alert = Alert.objects.get()
    assert (alert.pk, alert.status, alert.severity, alert.hit_count, alert.version) == (
        alert_id,
        "open",
        "high",
        1,
        1,
    )
    assert (alert.opened_at, alert.last_hit_at, alert.due_at) == (NOON, NOON, NOON + timedelta(hours=4))
    message = OutboxMessage.objects.get()
    assert message.topic == "alert.created"
    assert message.payload == {
        "alert_id": alert_id,
        "engine": "payments",
        "family": "balance",
        "subject_kind": "sender",
        "subject": "acc-1",
        "severity": "high",
        "risk_score": 60.0,
        "rule": "ACCOUNT_DRAIN",
        "reason": "drained",
        "at": "2026-03-02T12:00:00+00:00",
    }


@pytest.mark.parametrize(("severity", "hours"), [("critical", 1), ("high", 4), ("medium", 24), ("low", 72)])
def test_the_graver_the_sooner_due(suspicion, severity, hours):
    raise_alerts([suspicion(severity=severity)], at=NOON)
    assert Alert.objects.get().due_at == NOON + timedelta(hours=hours)


def test_a_further_hit_adds_amount_and_count_and_takes_the_graver_reason(suspicion):
    first = raise_alerts([suspicion(hits=2)], at=NOON)
    graver = suspicion(
        severity="critical", risk_score=90.0, amount_minor=5_000, rule="OTHER", reason="worse", hits=3
    )
    assert raise_alerts([graver], at=NOON + timedelta(hours=1)) == first
    alert = Alert.objects.get()
    assert (alert.hit_count, alert.amount_minor, alert.version) == (5, 15_000, 2)
    assert (alert.severity, alert.risk_score, alert.rule, alert.reason) == (
        "critical",
        90.0,
        "OTHER",
        "worse",
    )
    assert (alert.opened_at, alert.last_hit_at) == (NOON, NOON + timedelta(hours=1))
    assert alert.due_at == NOON + timedelta(hours=2)
    assert list(OutboxMessage.objects.values_list("topic", flat=True)) == ["alert.created", "alert.hit"]


def test_severity_risk_and_due_never_soften_and_late_hits_do_not_turn_time_back(suspicion):
    raise_alerts([suspicion(severity="critical", risk_score=90.0, reason="grave")], at=NOON)
    raise_alerts([suspicion(severity="low", risk_score=10.0, reason="mild")], at=NOON - timedelta(minutes=1))
    alert = Alert.objects.get()
    assert (alert.severity, alert.risk_score, alert.reason) == ("critical", 90.0, "grave")
    assert (alert.last_hit_at, alert.due_at) == (NOON, NOON + timedelta(hours=1))


@pytest.mark.parametrize(
    "change", [{"family": "x"}, {"subject": "x"}, {"subject_kind": "x"}, {"engine": "aml"}]
)
def test_another_key_is_another_alert(suspicion, change):
    ids = raise_alerts([suspicion(), suspicion(**change), suspicion()], at=NOON)
    assert ids[0] == ids[2] != ids[1] and Alert.objects.count() == 2


def test_ids_come_in_the_order_asked_whatever_the_order_of_keys(suspicion):
    subjects = ["c", "a", "b"]
    ids = raise_alerts([suspicion(subject=subject) for subject in subjects], at=NOON)
    assert [Alert.objects.get(pk=alert_id).subject for alert_id in ids] == subjects
    assert raise_alerts([], at=NOON) == []


def test_a_long_reason_is_cut(suspicion):
    raise_alerts([suspicion(reason="x" * 900)], at=NOON)
    assert len(Alert.objects.get().reason) == 500


def test_the_queue_is_in_the_order_of_priority(suspicion):
    wanted = [("high", 70.0), ("high", 60.0), ("medium", 99.0), ("critical", 10.0), ("low", 99.0)]
    for number, (severity, risk) in enumerate(reversed(wanted)):
        raise_alerts([suspicion(subject=str(number), severity=severity, risk_score=risk)], at=NOON)
    assert [(alert.severity, alert.risk_score) for alert in queue()] == wanted


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"severity": "grave"}, "alerts_severity_known"),
        ({"status": "resolved"}, "alerts_resolved_has_disposition"),
        ({"disposition": "inconclusive"}, "alerts_resolved_has_disposition"),
    ],
)
def test_the_database_refuses_half_an_alert(suspicion, changes, constraint):
    raise_alerts([suspicion()], at=NOON)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Alert.objects.update(**changes)
    assert Alert.objects.get().status == "open"


@pytest.mark.django_db(transaction=True)
def test_decisions_at_once_about_the_same_subjects_neither_deadlock_nor_lose_a_hit(suspicion):
    rounds, start = 15, Barrier(2)

    def decide(subjects):
        try:
            for _ in range(rounds):
                start.wait(10)
                with transaction.atomic():
                    raise_alerts([suspicion(subject=subject) for subject in subjects], at=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(decide, ["a", "b", "c"]), pool.submit(decide, ["c", "b", "a"])]:
            done.result()
    stored = Alert.objects.order_by("subject").values_list("subject", "hit_count", "amount_minor", "version")
    assert list(stored) == [(subject, 30, 300_000, 30) for subject in "abc"]
    assert OutboxMessage.objects.filter(topic="alert.created").count() == 3
    assert OutboxMessage.objects.filter(topic="alert.hit").count() == 87


def test_a_stake_beyond_what_can_be_stored_stands_at_the_most_and_loses_no_hit(suspicion):
    most = 2**63 - 1
    raise_alerts([suspicion(amount_minor=most - 5), suspicion(amount_minor=most - 5)], at=NOON)
    assert Alert.objects.get().amount_minor == most
    raise_alerts([suspicion(amount_minor=most)], at=NOON)
    assert (Alert.objects.get().amount_minor, Alert.objects.get().hit_count) == (most, 3)
