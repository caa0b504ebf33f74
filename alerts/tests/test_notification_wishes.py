"""What people wish: topics, digests, quiet hours in their own zone."""

from datetime import UTC, datetime, time, timedelta

import pytest

from alerts.models import (
    Notification,
    NotificationDelivery,
    NotificationPreference,
)
from alerts.services.delivering.waiting import database_now
from alerts.services.notifying import personal
from alerts.services.notifying.timing import due_for
from alerts.tests.people_messages import tell

pytestmark = pytest.mark.django_db


def test_wishes_mute_and_digest(rule, person):
    silent, bundled = person("analyst"), person("analyst")
    rule(channels=["email", "in_app"])
    personal.set_preferences({"muted_topics": ["alert.created"]}, acting_user=silent)
    personal.set_preferences({"digest": "hourly"}, acting_user=bundled)
    tell()
    row = NotificationDelivery.objects.get()
    assert (row.destination, row.lane) == (f"email:{bundled.pk}", "digest")
    assert row.next_attempt_at.minute == 0 or row.next_attempt_at <= database_now() + timedelta(minutes=1)
    assert [one.user for one in Notification.objects.all()] == [bundled]
    personal.set_preferences({"email": False}, acting_user=bundled)
    NotificationDelivery.objects.all().delete()
    tell(start=2)
    assert not NotificationDelivery.objects.exists()


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("ready", "due"),
    [
        ("2026-07-01 12:00", "2026-07-01 12:00"),
        ("2026-07-01 21:30", "2026-07-02 05:00"),  # 22:30 in Lisbon: until 06:00 there
        ("2026-07-02 04:59", "2026-07-02 05:00"),
        ("2026-07-02 05:00", "2026-07-02 05:00"),
        ("2026-10-25 00:30", "2026-10-25 06:00"),  # the night in which clocks go back
    ],
)
def test_quiet_hours_are_those_of_the_persons_zone(ready, due):
    wishes = NotificationPreference(
        quiet_from=time(22), quiet_until=time(6), time_zone="Europe/Lisbon", critical_breaks_quiet=True
    )
    assert due_for(wishes, at(ready), critical=False) == at(due)
    assert due_for(wishes, at(ready), critical=True) == at(ready)


def test_a_daily_digest_comes_at_its_hour():
    wishes = NotificationPreference(digest="daily", digest_hour=8, time_zone="Asia/Tokyo")
    assert due_for(wishes, at("2026-07-01 12:00"), critical=False) == at("2026-07-01 23:00")
    assert due_for(wishes, at("2026-07-01 23:00"), critical=False) == at("2026-07-02 23:00")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"muted_topics": ["nothing"]}, "muted_topics"),
        ({"digest": "yearly"}, "digest"),
        ({"digest_hour": 24}, "digest_hour"),
        ({"quiet_from": time(1)}, "quiet_until"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ],
)
def test_wishes_that_cannot_be(analyst, values, field):
    with pytest.raises(personal.PreferenceRefused) as refused:
        personal.set_preferences(values, acting_user=analyst)
    assert refused.value.field == field and not NotificationPreference.objects.exists()
