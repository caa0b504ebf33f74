"""Drift, calibration and outcomes through HTTP, as the document describes them."""

from datetime import timedelta

import pytest

from fraud_detection.services.monitoring import watch
from fraud_detection.tests.watched_decisions import AS_OF, decide, label, watched_model

pytestmark = pytest.mark.django_db
BASE = "/api/v1/"
HALF = [0.0] * 100 + [1.0] * 100


def test_a_model_that_has_not_decided_has_nothing_to_show(document, as_key):
    watched_model()
    answer = document.check(as_key("read").get(f"{BASE}models/payments-1/drift/"))
    assert answer.json() == {
        "model": "payments-1",
        "drift": [],
        "calibration": [],
        "calibration_as_of": None,
        "alarms": [],
    }
    assert document.check(as_key("read").get(f"{BASE}models/payments-9/drift/")).status_code == 404


def test_drift_and_outcomes_are_shown_as_last_watched(document, as_key):
    watched_model()
    decided = decide(200, days=2, a=1.0, b=HALF, probability=HALF, with_events=True)
    label(decided[150:], "fraud", days=1)
    watch("payments", AS_OF)
    decide(500, days=-1, a=1.0)
    found = document.check(as_key("read").get(f"{BASE}models/payments-1/drift/")).json()
    assert [(window["days"], window["n"]) for window in found["drift"]] == [(7, 200), (30, 200)]
    week = found["drift"][0]
    assert (week["features"][0]["name"], week["past"], week["share_past"]) == ("a", 1, 0.5)
    assert (week["score"]["psi"], week["score"]["edges"]) == (0.0, [0.5])
    assert [(d["from"], d["observed"]["hits"]) for d in found["calibration"][0]["deciles"]] == [
        (0, 0),
        (1, 50),
    ]
    assert [alarm["kind"] for alarm in found["alarms"]] == ["model.feature_drift"]

    shown = document.check(as_key("read").get(f"{BASE}analytics/model-performance/")).json()
    assert [
        (week["week"], week["decisions"], week["labelled"], week["fraud"]) for week in shown["weeks"]
    ] == [((AS_OF - timedelta(days=2)).date().isoformat(), 200, 50, 50)]
    assert shown["calibration"][0]["model_version"] == "payments-1"
