"""Training anew on schedule: a candidate or a reason, never a promotion, never two at once."""

import importlib
from contextlib import closing
from datetime import UTC, datetime

import psycopg2
import pytest
from django.db import connection
from django.utils import timezone

from alerts.models import OutboxMessage
from fraud_detection.models import EngineState, ModelVersion
from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.retraining import known_frauds, retrain, retrain_all
from fraud_detection.tasks import retrain_models
from logs.models import AuditEvent
from ml.domains.payments.generator import generate
from transactions.models import Transaction
from transactions.services import record_labels
from users.services import client_system

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, str]]:
    """(what was audited, what was told), and both must be there."""
    return [
        (event.action, message.topic)
        for event, message in zip(
            AuditEvent.objects.filter(action__startswith="model.retrain").order_by("id"),
            OutboxMessage.objects.filter(topic__startswith="model.retrain").order_by("id"),
            strict=True,
        )
    ]


def test_it_is_off_unless_asked_for(settings):
    assert settings.RETRAIN_SCHEDULE == "off"
    assert "retrain-models" not in settings.CELERY_BEAT_SCHEDULE
    assert settings.CELERY_BEAT_SCHEDULE["watch-models"]["task"] == "fraud_detection.tasks.watch_models"


def test_it_runs_when_the_setting_says_so(monkeypatch):
    from fraudguard.settings import jobs, monitoring

    monkeypatch.setenv("RETRAIN_SCHEDULE", "weekly")
    monkeypatch.setattr(jobs, "CELERY_BEAT_SCHEDULE", {})
    monkeypatch.setattr(jobs, "CELERY_TASK_ROUTES", {})
    found = importlib.reload(monitoring)
    assert found.CELERY_BEAT_SCHEDULE["retrain-models"]["schedule"].day_of_week == {0}


def test_too_few_labels_are_a_reason(payments_engine, settings):
    settings.RETRAIN_MIN_FRAUDS = 15
    found = retrain("payments")
    assert found.version is None
    assert found.reason == "0 events are labelled as fraud, RETRAIN_MIN_FRAUDS asks for 15"
    assert told() == [("model.retraining_refused", "model.retraining_refused")]
    assert ModelVersion.objects.count() == 0


def test_labels_that_cannot_teach_are_a_reason(payments_engine, payment, settings):
    settings.RETRAIN_MIN_FRAUDS = 3
    decide_payments([payment() for _ in range(3)], client=client_system("shop"))
    events = list(Transaction.objects.values_list("pk", flat=True))
    record_labels(events, verdict="fraud", source="customer", known_at=timezone.now())
    found = retrain("payments")
    assert found.version is None and "stored decisions of payments: " in found.reason
    assert told() == [("model.retraining_refused", "model.retraining_refused")]


def test_an_unknown_engine_is_a_reason(db, settings):
    settings.RETRAIN_ENGINES = ("shoes", "payments")
    retrain_models()
    reasons = [event.after["reason"] for event in AuditEvent.objects.order_by("id")]
    why = "is not installed; check RETRAIN_ENGINES"
    assert reasons == [f"engine 'shoes' {why}", f"engine 'payments' {why}"]


def test_only_the_newest_label_of_an_event_counts(payments_engine, payment, settings):
    settings.RETRAIN_MIN_FRAUDS = 15
    records = [payment() for _ in range(3)]
    decide_payments(records, client=client_system("shop"))
    events = list(Transaction.objects.values_list("pk", flat=True))
    said = {"source": "customer", "known_at": timezone.now()}
    record_labels(events, verdict="fraud", **said)
    record_labels(events[:1], verdict="legitimate", **said)
    assert known_frauds() == 2


def test_two_at_once_cannot_run(payments_engine):
    with closing(_another()) as other:
        asked = other.cursor()
        asked.execute("select pg_advisory_lock(hashtext('retraining'), hashtext('payments'))")
        assert retrain("payments").reason == "another training of this engine is running"
        asked.execute("select pg_advisory_unlock(hashtext('retraining'), hashtext('payments'))")
    assert "another training" not in retrain("payments").reason


def _another() -> psycopg2.extensions.connection:
    """A connection beside the test's own."""
    given = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    return psycopg2.connect(**{name: given[name] for name in names if name in given})


@pytest.mark.long
def test_stored_decisions_and_labels_make_a_candidate(champion, settings):
    settings.RETRAIN_MIN_FRAUDS = 15
    frame = generate(customers=40, days=20, fraud_rate=0.08, seed=9, until=datetime(2026, 6, 1, tzinfo=UTC))
    frauds = frame["is_fraud"].astype(bool).tolist()
    records = [
        {name: value for name, value in row.items() if value is not None and value == value}
        for row in frame.drop(columns=["is_fraud", "scheme"]).to_dict("records")
    ]
    decide_payments(records, client=client_system("shop"))
    events = dict(Transaction.objects.values_list("transaction_id", "pk"))
    for verdict, wanted in (("fraud", True), ("legitimate", False)):
        named = [events[r["transaction_id"]] for r, f in zip(records, frauds, strict=True) if f is wanted]
        record_labels(named, verdict=verdict, source="chargeback", known_at=timezone.now())
    (found,) = retrain_all()
    assert (str(found.version), found.version.stage) == ("payments-2", "candidate")
    assert found.version.card["source"] == "stored"
    assert str(EngineState.objects.get(engine="payments").model) == "payments-1"
    assert told() == [("model.retrained", "model.retrained")]
