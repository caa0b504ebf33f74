"""Snoozing: out of the queue until a time, or at once when the alert becomes graver."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.models import Alert, OutboxMessage
from alerts.selectors import history_of, queue
from alerts.services import (
    AlertConflict,
    AlertRefused,
    DispositionRefused,
    raise_alerts,
    snooze_alert,
    wake_alert,
)
from alerts.services.snoozing import wake_alerts
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def raised(suspicion):
    (pk,) = raise_alerts([suspicion()], at=timezone.now())
    return Alert.objects.get(pk=pk)


def snooze(alert, user, **changes):
    given = {"until": timezone.now() + HOUR, "reason": " waits for the bank ", "seen_version": alert.version}
    return snooze_alert(alert_id=alert.pk, acting_user=user, **(given | changes))


def test_a_snoozed_alert_leaves_the_queue_and_comes_back_by_the_clock(raised, analyst):
    alert, now = snooze(raised, analyst), timezone.now()
    assert (alert.snooze_reason, alert.snoozed_by, alert.version) == ("waits for the bank", analyst, 2)
    assert list(queue(now)) == [] and list(queue(now + 2 * HOUR)) == [raised]
    assert wake_alerts(now) == 0
    assert [wake_alerts(now + 2 * HOUR) for _ in range(2)] == [1, 0]
    message = OutboxMessage.objects.get(topic="alert.woken")
    assert (message.payload["alert_id"], message.payload["why"]) == (alert.pk, "time")
    raised.refresh_from_db()
    assert (raised.snoozed_until, raised.snoozed_hits, raised.version) == (None, 0, 3)
    assert [(step.who, step.what) for step in history_of(raised)] == [
        ("snooze", "woke it: its time was up"),
        (str(analyst), f"snoozed it until {timezone.localtime(alert.snoozed_until):%-d %b %H:%M}"),
    ]


@pytest.mark.parametrize(
    ("hits", "severity", "woken"),
    [(1, "high", False), (2, "low", False), (3, "low", True), (1, "critical", True)],
)
def test_new_hits_wake_it_when_graver_or_three(raised, analyst, suspicion, hits, severity, woken):
    snooze(raised, analyst)
    raise_alerts([suspicion(hits=hits, severity=severity)], at=timezone.now())
    assert list(queue()) == ([raised] if woken else [])
    assert wake_alerts(timezone.now()) == int(woken)
    assert AuditEvent.objects.filter(action="alert.woken", after__why="hits").count() == int(woken)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"reason": "\x00"}, "reason"),
        ({"until": timezone.now() - HOUR}, "until"),
        ({"until": timezone.now() + timedelta(days=91)}, "until"),
    ],
)
def test_a_snooze_needs_a_reason_and_an_end(raised, analyst, changes, field):
    with pytest.raises(DispositionRefused) as refused:
        snooze(raised, analyst, **changes)
    assert refused.value.field == field
    raised.refresh_from_db()
    assert (raised.snoozed_until, raised.version) == (None, 1) and not AuditEvent.objects.exists()


def test_somebody_wakes_it_before_its_time(raised, analyst, admin):
    with pytest.raises(AlertRefused, match="is not snoozed"):
        wake_alert(alert_id=raised.pk, acting_user=analyst, seen_version=1)
    snooze(raised, analyst)
    with pytest.raises(AlertConflict, match="snoozed it until"):
        wake_alert(alert_id=raised.pk, acting_user=admin, seen_version=1)
    woken = wake_alert(alert_id=raised.pk, acting_user=admin, seen_version=2)
    assert list(queue()) == [woken] and wake_alerts(timezone.now()) == 0
