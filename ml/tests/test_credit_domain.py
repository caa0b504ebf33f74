"""Generated applications and the default model of credit."""

import numpy as np

from ml.domains.credit.features import CREDIT
from ml.domains.credit.generator import generate, records
from ml.domains.credit.training import features_and_labels, model_features, train_bootstrap
from ml.preprocessing.leaks import single_column_auc


def test_no_single_column_gives_the_default_away():
    frame = generate(rows=3_000, seed=4)
    label = frame["default"].to_numpy()
    found = single_column_auc(frame.drop(columns=["default", "occurred_at"]), label)
    assert max(found.values()) < 0.85
    assert 0.04 < label.mean() < 0.12


def test_the_same_seed_gives_the_same_applications():
    assert generate(rows=60, seed=4).equals(generate(rows=60, seed=4))
    assert not generate(rows=60, seed=4).equals(generate(rows=60, seed=5))


def test_features_are_those_that_serving_computes():
    frame = generate(rows=60, seed=4)
    X, y, times = features_and_labels(frame)
    first = records(frame)[0]
    at = CREDIT.numbers.index
    assert (np.diff(times) >= 0).all() and y.tolist() == frame["default"].tolist()
    assert X[0, at("utilisation")] == first["revolving_balance"] / first["revolving_limit"]
    assert X[0, at("employment_months")] == first["employment_length"]
    known = X[:, at("device_applications_7d")]
    assert set(known[~np.isnan(known)]) == {1.0}  # nobody shares a device


def test_the_default_model_reads_what_the_engine_has_and_ranks():
    model = train_bootstrap(seed=1)
    assert model.card.features == model_features() and set(model.card.features) <= set(CREDIT.numbers)
    assert (model.card.engine, model.card.feature_set) == ("credit", CREDIT.version)
    assert model.card.source == "generated" and model.card.metrics["roc_auc"] > 0.7
