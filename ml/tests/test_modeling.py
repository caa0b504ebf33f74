"""Splitting, calibrating, measuring and training on plain arrays."""

import numpy as np
import pytest

from ml.artifacts.calibration import IDENTITY, Isotonic, Sigmoid
from ml.modeling.calibration import calibrated
from ml.modeling.description import prediction_hash
from ml.modeling.errors import TrainingRefused
from ml.modeling.estimators import CANDIDATES
from ml.modeling.metrics import metrics
from ml.modeling.splits import split
from ml.modeling.training import LABEL_DELAY, train
from ml.tests.generated import NAMES, small_model, table


def test_no_part_learns_from_labels_that_were_not_known_yet():
    _, y, times = table()
    parts = split(y, times, times + LABEL_DELAY, seed=1)
    assert parts.kind == "time"
    assert (times[parts.train] + LABEL_DELAY).max() <= parts.validation_start
    assert (times[parts.validation] + LABEL_DELAY).max() <= parts.test_start
    assert times[parts.validation].min() >= parts.validation_start
    assert len(parts.test) == 600
    together = np.concatenate([parts.train, parts.validation, parts.test])
    assert len(set(together)) == len(together)


def test_equal_times_are_not_parted():
    _, y, times = table()
    days = times // (24 * 3_600_000_000)
    parts = split(y, days * 24 * 3_600_000_000, None, seed=1)
    assert not set(days[parts.validation]) & set(days[parts.test])


@pytest.mark.parametrize("with_times", [False, True])
def test_without_time_or_with_too_little_of_it_the_split_is_random(with_times):
    _, y, times = table()
    one_day = times // 1_000 if with_times else None
    parts = split(y, one_day, None if one_day is None else one_day + LABEL_DELAY, seed=1)
    assert parts.kind == "random"
    shares = [y[part].mean() for part in (parts.train, parts.validation, parts.test)]
    assert max(shares) - min(shares) < 0.002


def test_a_random_split_is_noted_on_the_card():
    X, y, _ = table()
    model = train(
        X, y, feature_names=NAMES, times=None, seed=1, engine="x", candidates=("logistic_regression",)
    )
    assert model.card.split == "random"
    assert model.card.notes == (
        "without times the split is random: figures may be better than the future will be",
    )
    assert small_model().card.notes == ()


@pytest.mark.parametrize(("label", "name"), [(0, "fraud"), (1, "legitimate")])
def test_one_class_is_refused(label, name):
    with pytest.raises(TrainingRefused, match=f"0 rows are labelled {name}"):
        split(np.full(100, label), None, None, seed=1)


@pytest.mark.parametrize(("frauds", "kind"), [(60, Sigmoid), (400, Isotonic)])
def test_calibration_is_monotone_and_meets_the_base_rate(frauds, kind):
    rng = np.random.default_rng(2)
    y = (np.arange(4_000) < frauds).astype(np.int64)
    raw = rng.normal(size=4_000) + 2.5 * y
    calibration = calibrated(raw, y)
    assert isinstance(calibration, kind)
    probability = calibration(np.linspace(-20, 20, 2_000))
    assert (np.diff(probability) >= 0).all()
    assert ((probability > 0) & (probability < 1)).all()
    assert calibration(raw).mean() == pytest.approx(frauds / 4_000, rel=0.1)


def test_a_score_that_says_nothing_is_calibrated_to_the_base_rate():
    y = (np.arange(2_000) % 20 == 0).astype(np.int64)
    calibration = calibrated(-y + np.random.default_rng(1).normal(size=2_000), y)
    assert calibration.slope > 0
    assert calibration(np.array([0.0]))[0] == pytest.approx(0.05, rel=0.05)


def test_identity_keeps_log_odds():
    assert IDENTITY(np.array([0.0]))[0] == 0.5
    assert IDENTITY(np.array([np.log(3.0)]))[0] == pytest.approx(0.75)


def test_metrics_by_hand():
    y = np.array([1, 0, 1, 0, 0, 0, 0, 0, 0, 0])
    probability = np.array([0.9, 0.8, 0.7, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    found = metrics(y, probability, alert_budget=0.2)
    assert (found["alerts"], found["precision_at_budget"], found["recall_at_budget"]) == (2, 0.5, 0.5)
    assert found["average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["roc_auc"] == pytest.approx(15 / 16)
    assert found["brier"] == pytest.approx((0.01 + 0.64 + 0.09 + 7 * 0.01) / 10)
    assert found["base_rate"] == 0.2


@pytest.mark.parametrize("candidate", CANDIDATES)
def test_each_candidate_learns_and_predicts_one_row_like_many(candidate):
    model = small_model(candidate)
    X, _, _ = table(200, seed=9)
    together = model.predict(X)
    alone = np.array([model.predict(row[None, :])[0] for row in X])
    # trees compare and add, bit for bit; a dot product may be summed in another order
    tolerance = 1e-12 if candidate == "logistic_regression" else 0.0
    np.testing.assert_allclose(together, alone, rtol=tolerance, atol=0.0)
    assert model.card.algorithm == candidate
    assert model.card.metrics["roc_auc"] > 0.75


def test_the_same_data_and_seed_give_the_same_predictions():
    X, y, times = table()
    options = {
        "feature_names": NAMES,
        "times": times,
        "engine": "payments",
        "candidates": ("lightgbm",),
        "trees": 40,
    }
    again = train(X, y, seed=1, **options)
    other = train(X, y, seed=2, **options)
    assert again.card.prediction_hash == small_model().card.prediction_hash
    assert other.card.prediction_hash != again.card.prediction_hash
    assert again.card == small_model().card


def test_the_best_candidate_by_average_precision_is_taken():
    X, y, times = table()
    model = train(X, y, feature_names=NAMES, times=times, seed=1, engine="payments", trees=40)
    assert set(model.card.candidates) == set(CANDIDATES)
    assert model.card.algorithm == max(model.card.candidates, key=model.card.candidates.get)


def test_unknown_labels_are_left_out():
    X, y, times = table()
    hidden = y.copy()
    hidden[::3] = -1
    model = train(
        X, hidden, feature_names=NAMES, times=times, seed=1, engine="x", candidates=("logistic_regression",)
    )
    window = model.card.training_window
    assert window["train_rows"] + window["validation_rows"] + window["test_rows"] < 2_000


def test_the_card_holds_medians_and_percentiles_of_the_training_part():
    card = small_model().card
    assert set(card.medians) == set(NAMES) == set(card.percentiles)
    assert card.medians["f0"] == card.percentiles["f0"][6]
    assert abs(card.medians["f0"]) < 0.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"feature_names": NAMES[:-1]}, "7 names were given"),
        ({"feature_names": ("f0", *NAMES[:-1])}, "must be distinct"),
        ({"candidates": ("oracle",)}, "unknown candidates oracle"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    X, y, times = table()
    with pytest.raises(ValueError, match=message):
        train(X, y, **{"feature_names": NAMES, "times": times, "seed": 1, "engine": "x", **change})


def test_infinite_values_are_refused_by_feature():
    X, y, times = table()
    X[5, 2] = np.inf
    with pytest.raises(ValueError, match="feature f2 holds infinite values"):
        train(X, y, feature_names=NAMES, times=times, seed=1, engine="x")


def test_a_matrix_of_another_width_is_refused():
    with pytest.raises(ValueError, match=r"X must be \[n, 8\], not \[1, 7\]"):
        small_model().predict(np.zeros((1, 7)))


def test_prediction_hash_ignores_the_last_bit():
    probability = np.array([0.1, 0.25])
    assert prediction_hash(probability) == prediction_hash(np.nextafter(probability, 1))
    assert prediction_hash(probability) != prediction_hash(probability + 1e-6)
