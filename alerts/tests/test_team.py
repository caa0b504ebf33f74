"""The team's figures: who and what they are told by."""

import pytest
from django.utils import timezone

from alerts.models import Alert
from alerts.selectors.team import team_figures
from alerts.services import raise_alerts, resolve_alert
from alerts.tests.conftest import NOON

pytestmark = pytest.mark.django_db


def test_rules_of_two_engines_and_people_called_alike_are_told_apart(suspicion, person):
    engines = {"a": "payments", "b": "payments", "c": "aml"}
    raise_alerts([suspicion(subject=s, engine=engine) for s, engine in engines.items()], at=NOON)
    twins = [person(name="Kim Lee"), person(name="Kim Lee")]
    for alert, who in zip(Alert.objects.order_by("subject"), (twins[0], twins[0], twins[1]), strict=True):
        given = {"disposition": "false_positive", "note": "x", "seen_version": 1}
        resolve_alert(alert_id=alert.pk, acting_user=who, **given)
    figures = team_figures(start=NOON, end=timezone.now(), now=timezone.now())
    assert [(group.name, group.closed) for group in figures.rules] == [
        ("ACCOUNT_DRAIN, payments", 2),
        ("ACCOUNT_DRAIN, aml", 1),
    ]
    assert [(group.name, group.closed) for group in figures.analysts] == [
        (f"Kim Lee, {twins[0].email}", 2),
        (f"Kim Lee, {twins[1].email}", 1),
    ]
