"""Alerts about FraudGuard itself: one open a kind, cleared when the cause is gone."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.models import OutboxMessage, SystemAlert
from alerts.services import acknowledge_system_alert, clear_system_alert, raise_system_alert
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, tzinfo=UTC)
DRIFT = {"engine": "payments", "kind": "model.score_drift", "subject": "payments-3", "severity": "high"}


def raised(hours: int = 0, **changes) -> bool:
    return raise_system_alert(**DRIFT | {"message": "moved", "at": AT + timedelta(hours=hours)} | changes)


def test_what_is_open_is_brought_up_to_date_and_told_once():
    assert raised() and not raised(1, message="moved further", severity="critical")
    alert = SystemAlert.objects.get()
    assert (alert.message, alert.severity, alert.opened_at) == ("moved further", "critical", AT)
    assert alert.last_seen_at == AT + timedelta(hours=1)
    message = OutboxMessage.objects.get()
    assert (message.topic, message.payload["state"], message.payload["message"]) == (
        "system.alert",
        "open",
        "moved",
    )


def test_each_engine_and_kind_has_its_own():
    assert raised() and raised(engine="aml") and raised(kind="model.calibration")
    assert SystemAlert.objects.count() == 3


def test_cleared_and_raised_again_is_a_new_one():
    raised()
    cleared = {"engine": "payments", "kind": "model.score_drift", "message": "back", "at": AT}
    assert clear_system_alert(**cleared)
    assert not clear_system_alert(**cleared)
    assert raised(5)
    assert SystemAlert.objects.filter(cleared_at__isnull=True).count() == 1
    states = OutboxMessage.objects.order_by("id").values_list("payload__state", flat=True)
    assert list(states) == ["open", "cleared", "open"]


def test_acknowledging_is_audited_and_keeps_it_open(analyst):
    raised()
    alert = SystemAlert.objects.get()
    assert acknowledge_system_alert(alert_id=alert.pk, acting_user=analyst)
    assert not acknowledge_system_alert(alert_id=alert.pk, acting_user=analyst)
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.cleared_at) == (analyst.email, None)
    assert AuditEvent.objects.get().action == "system_alert.acknowledged"
    raised(2)
    alert.refresh_from_db()
    assert alert.acknowledged_by == analyst.email
