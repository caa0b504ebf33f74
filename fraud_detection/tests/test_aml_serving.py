"""The aml engine in service: batches, degraded parts, no look-ahead, models of stored decisions."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from django.db import DatabaseError

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Assessment, DeepSearch, ModelVersion
from fraud_detection.services import judging, serving, unlabelled_training
from fraud_detection.services.decisions import decide_payment, decide_payments
from fraud_detection.services.model_registry import promote_first, register
from fraud_detection.services.recording import unpacked
from fraud_detection.services.replaying import replay
from fraud_detection.services.training import train_engine
from fraud_detection.services.unlabelled_training import (
    has_enough_decisions,
    learns_without_labels,
    stored_vectors,
    train_unlabelled,
)
from fraud_detection.tests.aml_history import decided, moved
from fraud_detection.tests.test_round_trips import crowded, trip
from fraud_detection.tests.test_rules_aml import fanned, funnelled, near, passed
from ml.domains.aml import training
from ml.domains.aml.features import AML, aml_features
from ml.domains.aml.generator import generate_week
from ml.domains.aml.training import train_from_vectors
from ml.domains.payments.training import event_columns, parsed_rows
from ml.features.bulk import compute
from transactions.models import Transaction
from users.services import client_system

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]


def quiet(message: str) -> None:
    pass


def story():
    """Something of everything, in order of time."""
    records = [*trip("KLMN"), *crowded(), *near(9_000, 9_000, 9_000), *passed(5_000, 4_500), *fanned(known=2)]
    records += [
        *funnelled(),
        moved(1, 900, "G", country="US", ip_country="VN"),
        moved(0, 4_200, "G", country="VN"),
    ]
    return sorted(records, key=lambda record: record["occurred_at"])


def test_a_batch_decides_as_its_events_would_be_one_by_one():
    client, records = client_system("bank"), story()
    together = decided(records)
    vectors = {a.external_id: unpacked(a.features) for a in Assessment.objects.all()}
    searches = DeepSearch.objects.count()
    alone = client_system("one by one")
    renamed = [{**r, **{n: f"1{r[n]}" for n in ("sender_id", "receiver_id")}} for r in records]
    bodies = [decide_payment(record, client=alone, engine="aml").body for record in renamed]

    assert [(b["risk_score"], hits(b)) for b in bodies] == [(b["risk_score"], hits(b)) for b in together]
    for assessment in Assessment.objects.filter(client=alone):
        np.testing.assert_array_equal(unpacked(assessment.features), vectors[assessment.external_id])
    assert DeepSearch.objects.count() == 2 * searches > 0
    assert Transaction.objects.filter(client=client).count() == len(records)


def hits(body):
    return [(hit["rule"], hit["severity"]) for hit in body["alerts"]]


def test_decisions_of_the_story_replay_from_their_records():
    bodies = decided(story())
    telling = {str(hits(body)): body["id"] for body in bodies}.values()
    assert len(telling) >= 5
    assert all(replay(assessment).equal for assessment in Assessment.objects.filter(pk__in=telling))


def test_a_late_arrival_changes_no_earlier_decision_and_is_seen_by_later_ones():
    first, second, last = trip()
    before = decided([first, last])[-1]
    late = decided([second])[0]
    assert [hits(body) for body in (before, late)] == [[], []]
    again = moved(-0.01, 800, last["sender_id"], "A")
    assert [rule for rule, _ in hits(decided([again])[0])] == ["RoundTripRule"]


def test_what_was_corrected_is_no_hop_any_more():
    first, second, last = trip()
    decided([first, second])
    old = Transaction.objects.get(transaction_id=second["transaction_id"])
    newer = Transaction.objects.get(transaction_id=first["transaction_id"])
    newer.pk, newer.transaction_id = None, "corrected"
    newer.save()
    Transaction.objects.filter(pk=old.pk).update(superseded_by=newer)
    assert hits(decided([last])[0]) == []


def test_a_measure_that_fails_degrades_the_decision(monkeypatch):
    def broken(event, settings):
        raise DatabaseError("no such index")

    monkeypatch.setitem(judging.MEASURES, "aml", broken)
    body = decide_payment(near(9_000)[0], client=client_system("bank"), engine="aml").body
    assert body["degraded_parts"] == ["features"] and body["decision"] == "review"
    assert Transaction.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"amount": None},
        {"amount": -5},
        {"occurred_at": "2026-02-31"},
        {"occurred_at": "2999-01-01T00:00:00Z"},
    ],
)
def test_bad_records_of_a_batch_fail_alone(change):
    records = near(9_000, 9_000, 9_000)
    bad = {name: value for name, value in (records[0] | {"transaction_id": "bad"} | change).items() if value}
    results = decide_payments([records[0], bad, *records[1:]], client=client_system("bank"), engine="aml")
    assert [type(result).__name__ for result in results] == ["Decided", "RecordRefused", "Decided", "Decided"]
    assert Transaction.objects.count() == 3


@pytest.fixture(scope="module")
def vectors():
    """Feature vectors of a generated town, and when their events happened."""
    frame = pd.DataFrame([one.record for one in generate_week(seed=9, scale=0.05)][-4_000:])
    parsed = sorted(parsed_rows(frame, "town"), key=lambda values: values["occurred_at"])
    events = event_columns(parsed, rate=None, reporting_currency=None, path="town")
    return compute(ENGINES["aml"].feature_set, events, {})[-3_000:]


def test_the_model_contributes_and_says_why_and_never_declines(vectors, settings, tmp_path, client, admin):
    settings.MODEL_DIR = tmp_path
    feature_set = ENGINES["aml"].feature_set
    model, report = train_from_vectors(
        vectors, np.arange(len(vectors)), seed=3, feature_set=feature_set, source="generated"
    )
    version = register(model, created_by="tests", report=report)
    assert version.generated_data_only and promote_first(version, created_by="tests")
    serving.forget()
    bodies = decided([*passed(90_000, 89_000), *near(20, 20)])
    assert [body["model_version"] for body in bodies] == [str(version)] * 4
    assert not any(body["degraded"] for body in bodies)
    assert 0.4 < max(body["fraud_probability"] for body in bodies) <= 0.5
    told = [reason for body in bodies for reason in body["reasons"] if reason["code"].startswith("M_")]
    assert told and all(0 < reason["contribution"] <= 0.5 for reason in told)
    assert all(body["decision"] != "decline" for body in bodies)
    client.force_login(admin)
    for page in ("", "card/", "report/"):  # the report lacks what needs labels
        assert client.get(f"/models/{version.pk}/{page}").status_code == 200
    assert all(replay(assessment).equal for assessment in Assessment.objects.all())


def test_a_first_model_is_trained_for_the_reporting_threshold_in_force(monkeypatch, settings, tmp_path):
    settings.MODEL_DIR = tmp_path
    monkeypatch.setattr(training, "BOOTSTRAP_SCALE", 0.01)
    monkeypatch.setitem(ENGINES, "aml", replace(ENGINES["aml"], feature_set=aml_features(500_000)))
    version = train_engine("aml", file=None, seed=3, created_by="tests", progress=quiet)
    assert version.card["feature_set"] == aml_features(500_000).version != AML.version


def test_stored_decisions_teach_a_model_whatever_came_of_them(vectors, settings, tmp_path, monkeypatch):
    settings.MODEL_DIR = tmp_path
    monkeypatch.setattr(unlabelled_training, "LEAST_DECISIONS", 3)
    assert learns_without_labels("aml") and not learns_without_labels("payments")
    decided(near(9_000, 100))
    assert not has_enough_decisions("aml")
    decided([moved(-0.01, 5)])
    assert has_enough_decisions("aml")
    X, times = stored_vectors("aml")
    assert X.shape == (3, vectors.shape[1]) and times[0] <= times[-1]
    monkeypatch.setattr(
        unlabelled_training, "stored_vectors", lambda engine: (vectors, np.arange(len(vectors)))
    )
    version = train_unlabelled("aml", seed=1, created_by="tests", progress=quiet)
    assert (version.card["source"], version.generated_data_only) == ("stored", False)
    assert ModelVersion.objects.get().report["data"]["rows"] == len(vectors)
