"""The priority: one formula, the same in PostgreSQL and in Python, whose order no clock changes."""

from datetime import timedelta

import pytest

from alerts.models import Alert
from alerts.models.priority import points_at, priority_at, priority_key
from alerts.selectors import queue
from alerts.services import raise_alerts
from alerts.tests.conftest import NOON

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("risk", "minor", "due_in", "expected"),
    [
        (50.0, 100_000_00, 0, 50_000),
        (50.0, 100_000_00, -8, 100_000),
        (50.0, 100_000_00, 8, 25_000),
        (100.0, 5_00, 0, 100),
        (0.0, 0, 0, 1),
    ],
)
def test_risk_times_stake_times_age(risk, minor, due_in, expected):
    key = priority_key(risk, minor, NOON + due_in * HOUR)
    assert priority_at(key, NOON) == pytest.approx(expected)


@pytest.mark.django_db
@pytest.mark.parametrize("risk", [0.0, 0.5, 37.25, 100.0])
@pytest.mark.parametrize("minor", [-5, 0, 9_999, 123_456_789, 2**62])
def test_the_database_stores_what_python_computes(suspicion, risk, minor):
    raise_alerts([suspicion(risk_score=risk, amount_minor=minor)], at=NOON)
    alert = Alert.objects.get()
    assert alert.priority_key == pytest.approx(priority_key(risk, minor, alert.due_at), rel=1e-12)
    raise_alerts([suspicion(risk_score=100.0, amount_minor=1)], at=NOON)
    alert.refresh_from_db()
    assert alert.priority_key == pytest.approx(priority_key(100.0, minor + 1, alert.due_at), rel=1e-12)


def test_points_stay_between_0_and_99():
    keys = [priority_key(risk, minor, NOON) for risk, minor in ((1, 0), (50, 2_000_00), (100, 2**62))]
    assert [points_at(key, NOON) for key in keys] == [3, 50, 99]
    assert points_at(keys[1], NOON + timedelta(days=9_000)) == 99
    assert points_at(keys[1], NOON - timedelta(days=2_000)) == 0


@pytest.mark.django_db
def test_the_queue_is_one_walk_through_an_index(suspicion):
    from django.db import connection

    raise_alerts([suspicion(subject=str(n)) for n in range(3_000)], at=NOON)
    with connection.cursor() as cursor:
        cursor.execute("analyze alerts_alert")
    plan = queue(NOON).select_related(None)[:50].explain()
    assert "alerts_open_by_priority" in plan and "Sort" not in plan
