"""The examination finds what is wrong and says what to do; a sound installation has no fault."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from alerts.models import OutboxMessage
from fraud_detection.models import ModelVersion
from fraud_detection.services.doctor import Grade, examine

pytestmark = pytest.mark.django_db


def findings():
    return {finding.what: finding for finding in examine()}


def faults():
    return {what: finding for what, finding in findings().items() if finding.grade is Grade.FAULT}


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_sound_installation_has_no_fault(champion, capsys):
    assert faults() == {}
    call_command("doctor")
    said = capsys.readouterr().out
    assert "ok       database: PostgreSQL" in said and "payments-1 load" in said


def test_without_engines_it_says_what_to_run(capsys):
    assert faults().keys() == {"engines"}
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")
    assert ended.value.code == 1 and "Run manage.py install_engines." in capsys.readouterr().out


def test_a_missing_index_is_named(champion):
    execute("drop index transactions_time")
    assert faults()["indexes"].found == "1 are missing: transactions_time"


def test_a_trail_that_can_be_changed_is_a_fault(champion):
    execute("alter table logs_auditevent disable trigger user")
    assert "append-only" in faults()["audit trail"].found
    execute("alter table logs_auditevent enable trigger user")


def test_an_old_message_says_that_no_worker_runs(champion):
    long_ago = timezone.now() - timedelta(minutes=5)
    OutboxMessage.objects.create(topic="alert.created", payload={}, created_at=long_ago)
    found = faults()["outbox"]
    assert found.found == "the oldest message waits for 300 s" and "Start worker and beat" in found.remedy


def test_a_store_that_is_away_is_a_fault_and_the_rest_is_still_examined(champion, settings):
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    found = faults()
    assert found.keys() == {"store"} and "does not answer" in found["store"].found


def test_a_model_whose_file_is_gone_is_a_fault(champion):
    ModelVersion.objects.update(path="gone.joblib")
    assert faults()["models"].found.startswith("payments-1: ")


def test_a_full_disk_is_a_fault(champion, settings):
    settings.ALERT_DISK_THRESHOLD = 0
    assert "% used" in faults()["disk"].found
