"""The figures of a report, by hand."""

import json

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from ml.features.durations import DAY
from ml.features.spec import NULL
from ml.modeling.report import alerts, curves
from ml.modeling.report.intervals import Ranked, auc_interval, bootstrapped
from ml.modeling.report.leaks import leaking
from ml.tests.labelled_histories import trained

KEYS = {
    *("schema", "data", "metrics", "at_k", "per_day", "card_precision_100", "roc", "precision_recall"),
    *("calibration", "cost", "thresholds", "segments", "importance", "dependence", "candidates", "leaks"),
    *("excluded", "cross_validation", "champion", "rules_alone"),
}


def test_weighted_ranks_equal_the_library_ties_included():
    rng = np.random.default_rng(1)
    y = (rng.random(500) < 0.2).astype(int)
    score = np.round(rng.normal(size=500) + y, 1)
    weight = rng.integers(0, 4, 500).astype(float)
    auc, precision = Ranked(y, score).figures(weight[np.argsort(-score, kind="stable")])
    assert auc == pytest.approx(roc_auc_score(y, score, sample_weight=weight))
    assert precision == pytest.approx(average_precision_score(y, score, sample_weight=weight))


def test_intervals_hold_the_value():
    rng = np.random.default_rng(2)
    y = (rng.random(2_000) < 0.1).astype(int)
    for found in bootstrapped(y, rng.normal(size=2_000) + y, seed=1):
        assert found["low"] < found["value"] < found["high"]
    low, high = auc_interval(0.8, 50, 200)
    assert (round(low, 3), round(high, 3)) == (0.723, 0.877)


def test_top_k_and_days_by_hand():
    y = np.array([1, 0, 0, 1, 0, 1, *[0] * 6])
    score = np.linspace(1, 0, 12)
    times = np.repeat([0, DAY], 6)
    assert alerts.at_k(y, score) == [{"k": 10, "precision": 0.3, "recall": 1.0}]
    first = alerts.per_day(y, score, times)[0]
    assert first == {"alerts_per_day": 5, "precision": 0.2, "recall": 0.666667, "days": 2}
    assert alerts.per_day(y, score, None) == []


def test_found_cards_leave_the_pool():
    times = np.array([0, 1, DAY, DAY + 1, 2 * DAY, 2 * DAY + 1])
    entity = np.array([1, 2, 1, 2, 1, 2])
    y = np.array([1, 0, 1, 0, 1, 1])
    score = np.array([0.9, 0.1, 0.9, 0.2, 0.9, 0.8])
    found = alerts.card_precision(y, score, times, entity, seed=1, k=1)
    # day 1 finds entity 1, day 2 looks at 2 in vain, day 3 finds 2
    assert (found["value"], found["days"]) == (pytest.approx(2 / 3, abs=1e-6), 3)
    assert alerts.card_precision(y, score, times, None, seed=1) is None
    nobody = np.full(6, NULL)
    assert alerts.card_precision(y, score, times, nobody, seed=1) is None


def test_the_threshold_by_cost():
    y = np.array([1, 0, 0, 0])
    found = curves.cost(y, np.array([0.9, 0.5, 0.2, 0.1]), np.array([95.0, 1.0, 1.0, 1.0]))
    assert found["threshold"] == 0.05
    assert {point["threshold"]: point["cost"] for point in found["curve"]} == {
        0.9: 0.0, 0.5: 5.0, 0.2: 10.0, 0.1: 15.0,
    }  # fmt: skip


def test_calibration_counts_every_row():
    probability = np.linspace(0, 1, 25)
    found = curves.calibration((probability > 0.5).astype(int), probability)
    assert sum(group["n"] for group in found) == 25
    assert found[0]["observed"] == 0.0 and found[-1]["observed"] == 1.0


def test_curves_are_thin_and_keep_their_ends():
    rng = np.random.default_rng(1)
    y = (rng.random(5_000) < 0.1).astype(int)
    points = curves.roc(y, rng.normal(size=5_000) + y)
    assert len(points) <= 201
    assert points[0] == [0.0, 0.0] and points[-1] == [1.0, 1.0]


def test_a_believable_figure_flags_nothing():
    y = np.array([0, 1] * 50)
    assert leaking(y[:, None].astype(float), y, ["copy"], 0.9, [], seed=1) == []
    assert leaking(y[:, None].astype(float), y, ["copy"], 0.99, [], seed=1) == [
        {"column": "copy", "auc": 1.0}
    ]


def test_a_report_is_whole_and_plain_json():
    _, model, report = trained()
    assert set(report) == KEYS
    assert json.loads(json.dumps(report)) == report
    shares = [one["share"] for one in report["importance"]]
    assert shares == sorted(shares, reverse=True) and sum(shares) <= 1.0001
    assert {one["feature"] for one in report["importance"]} <= set(model.card.features)
    assert all(segment["low"] <= segment["roc_auc"] <= segment["high"] for segment in report["segments"])
