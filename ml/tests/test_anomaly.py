"""Isolation forests: equal to scikit-learn, explained exactly, contributing by training percentile."""

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from ml.artifacts import load, save
from ml.artifacts.isolation import TailShare, compressed
from ml.modeling.anomaly import flattened, tail_share, train_anomaly
from ml.modeling.errors import TrainingRefused

NAMES = tuple("abcdef")


def rows(count: int, seed: int = 0) -> np.ndarray:
    """Correlated columns of different magnitudes, one constant, a tenth of one missing."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(count, 6)) * [1, 10, 1000, 1, 1, 0] + [0, 5, 50_000, 0, 3, 7]
    base[:, 3] = base[:, 0] * 2 + rng.normal(size=count) / 10
    base[rng.random(count) < 0.1, 1] = np.nan
    return base


def trained(count: int = 1_000, **changes):
    given = {"feature_names": NAMES, "engine": "aml", "seed": 4} | changes
    return train_anomaly(rows(count), **given)[0]


def test_scores_are_those_of_scikit_learn():
    X = np.nan_to_num(rows(600, seed=2))
    prepared = compressed(X).astype(np.float32)
    forest = IsolationForest(n_estimators=40, max_samples=128, random_state=3).fit(prepared)
    raw = flattened(forest, np.zeros(6)).raw(X)
    assert -(2.0**raw) == pytest.approx(forest.score_samples(prepared), rel=1e-12)


def test_one_row_scores_as_it_does_among_many():
    model, X = trained(), rows(200, seed=9)
    alone = np.array([model.raw(row[None, :])[0] for row in X])
    assert alone == pytest.approx(model.raw(X), rel=1e-13)
    assert np.array_equal(model.predict(X[:1]), model.predict(X[:1]))


def test_contributions_and_the_baseline_sum_to_the_score():
    model, X = trained(), rows(50, seed=9)
    for row in X:
        added, base = model.explain(row)
        assert added.sum() + base == pytest.approx(model.raw(row[None, :])[0], rel=1e-12)


def test_what_is_far_out_scores_highest_and_is_said_to_be_why():
    model, X = trained(), rows(50, seed=9)
    X[7, :5] = [6, 90, 9e6, 12, 6]
    assert int(np.argmax(model.raw(X))) == 7 and model.predict(X)[7] == 0.5
    added = model.contributions(X[7])
    assert (added[:5] > 0).all() and added[5] == 0


def test_a_missing_value_isolates_nothing():
    model, X = trained(), rows(1, seed=9)
    X[0, 1] = np.nan
    filled = X.copy()
    filled[0, 1] = model.scorer.centre[1]
    assert model.raw(X) == model.raw(filled)


@pytest.mark.parametrize(
    ("raw", "expected"), [(-9.0, 0.0), (98.0, 0.0), (99.0, 0.0), (99.5, 0.25), (100.0, 0.5), (200.0, 0.5)]
)
def test_the_contribution_grows_from_the_99th_percentile_to_the_highest(raw, expected):
    share = TailShare(np.array([0.0, 100.0]), np.array([0.0, 1.0]))
    assert share(np.array([raw]))[0] == pytest.approx(expected, abs=1e-12)


def test_percentiles_are_those_of_the_training_scores():
    share = tail_share(np.arange(10_001.0))
    found = share.percentile(np.array([-1.0, 0.0, 5_000.0, 9_950.0, 10_000.0, 10_001.0]))
    assert found == pytest.approx([0, 0, 0.5, 0.995, 1, 1], abs=1e-9)
    assert tail_share(np.full(700, 3.0)).percentile(np.array([2.0, 3.0])).tolist() == [1.0, 1.0]


def test_about_a_hundredth_of_the_held_out_rows_is_unusual():
    metrics = trained(20_000).card.metrics
    assert (metrics["rows"], metrics["trained_on"]) == (4_000, 16_000)
    assert 0.004 < metrics["unusual_share"] < 0.02


def test_the_same_seed_gives_the_same_model_and_another_another():
    X = rows(300, seed=9)
    assert np.array_equal(trained().raw(X), trained().raw(X))
    assert not np.array_equal(trained().raw(X), trained(seed=5).raw(X))


def test_by_time_the_last_fifth_is_held_out():
    times = np.arange(1_000)[::-1] * 1_000_000
    model, report = train_anomaly(
        rows(1_000), feature_names=NAMES, engine="aml", seed=1, times=times.copy(), source="stored"
    )
    window = model.card.training_window
    assert (window["train_rows"], window["test_rows"], window["from"]) == (
        800,
        200,
        "1970-01-01T00:00:00+00:00",
    )
    assert report["data"]["split"] == {"kind": "time", "train": 800, "test": 200}
    assert sum(part["share"] for part in report["importance"]) == pytest.approx(1)
    assert "f" not in {part["feature"] for part in report["importance"]}  # it never varies


def test_it_is_kept_and_loaded_like_every_model(tmp_path):
    model, X = trained(), rows(20, seed=9)
    card = save(model, tmp_path)
    again = load(tmp_path / card.file, sha256=card.sha256)
    assert np.array_equal(again.predict(X), model.predict(X))
    assert again.card.algorithm == "isolation_forest" and again.card.calibration == "training percentile"


def test_too_few_rows_and_wrong_matrices_are_refused():
    with pytest.raises(TrainingRefused, match="499 rows; at least 500"):
        trained(499)
    with pytest.raises(ValueError, match="6 names were given"):
        train_anomaly(rows(600)[:, :5], feature_names=NAMES, engine="aml", seed=1)
    infinite = rows(600)
    infinite[3, 2] = np.inf
    with pytest.raises(ValueError, match="feature c holds infinite"):
        train_anomaly(infinite, feature_names=NAMES, engine="aml", seed=1)
