"""What happens to FraudGuard itself is noted: settings, processes, migrations."""

import pytest
from django.apps import apps

from logs.apps import note_migrations
from logs.models import SystemEvent
from logs.services.processes import fingerprints, note_configuration
from logs.services.system_events import note

pytestmark = pytest.mark.django_db


def newest(kind):
    return SystemEvent.objects.filter(kind=kind).order_by("-id").first()


def test_a_changed_setting_is_named_and_its_value_is_not(settings):
    assert note_configuration("web") == []
    assert note_configuration("web") == []
    settings.RATE_LIMIT_REQUESTS = 12_345
    assert note_configuration("web") == ["RATE_LIMIT_REQUESTS"]
    event = newest("configuration.changed")
    assert event.text == "web started with other settings: RATE_LIMIT_REQUESTS"
    assert "12345" not in str(event.detail["prints"]["RATE_LIMIT_REQUESTS"])
    assert note_configuration("worker") == [] and note_configuration("web") == []


def test_a_new_secret_key_is_told_as_one_change(settings):
    note_configuration("web")
    settings.SECRET_KEY = "another-" * 8
    assert note_configuration("web") == ["SECRET_KEY"]
    assert settings.SECRET_KEY not in str(newest("configuration.changed").detail)


def test_prints_tell_no_secret(settings):
    prints = fingerprints()
    assert all(len(value) == 12 for value in prints.values()) and "DATABASE_URL" in prints


def test_secrets_and_cards_are_taken_out_of_an_event():
    event = note("x.y", component="z", text="password=hunter2 4111111111111111", detail={"token": "abc"})
    assert "hunter2" not in event.text and "4111111111111111" not in event.text
    assert event.detail == {"token": "[hidden]"}


def test_applied_migrations_are_noted():
    class Done:
        app_label, name = "alerts", "0099_more"

    note_migrations(apps.get_app_config("logs"), plan=[(Done, False)])
    event = newest("migrations.applied")
    assert (event.text, event.detail) == (
        "1 migration applied, last alerts.0099_more",
        {"migrations": ["alerts.0099_more"]},
    )
    count = SystemEvent.objects.count()
    note_migrations(apps.get_app_config("logs"), plan=[])
    assert SystemEvent.objects.count() == count
