"""Artifacts: what was saved comes back, and nothing else is opened."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml.artifacts import ArtifactRefused, load, read_card, save
from ml.domains.payments.features import PAYMENTS
from ml.tests.generated import payments_model, payments_vectors, small_model, table


def test_serving_code_loads_no_training_libraries():
    code = (
        "import sys, ml.artifacts, ml.explainability;"
        "print([name for name in ('pandas', 'sklearn', 'lightgbm', 'ml.modeling') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    shown = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


@pytest.fixture
def saved(tmp_path):
    card = save(small_model(), tmp_path)
    return tmp_path / card.file, card


def _refusal(path, **options) -> ArtifactRefused:
    with pytest.raises(ArtifactRefused) as refused:
        load(path, **options)
    return refused.value


def test_a_loaded_model_predicts_and_explains_the_same(saved):
    path, card = saved
    X, _, _ = table(100, seed=3)
    model = load(path, sha256=card.sha256)
    np.testing.assert_array_equal(model.predict(X), small_model().predict(X))
    np.testing.assert_array_equal(model.contributions(X[0]), small_model().contributions(X[0]))
    assert model.card == card == read_card(path)


def test_saving_leaves_two_files_and_is_reproducible(saved, tmp_path):
    path, card = saved
    assert sorted(item.name for item in tmp_path.iterdir()) == sorted(
        [path.name, path.with_suffix(".json").name]
    )
    assert save(small_model(), tmp_path) == card


@pytest.mark.parametrize("candidate", ["random_forest", "logistic_regression", "hist_gradient_boosting"])
def test_other_estimators_survive_a_round_trip(candidate, tmp_path):
    X, _, _ = table(50, seed=4)
    card = save(small_model(candidate), tmp_path)
    loaded = load(tmp_path / card.file, sha256=card.sha256)
    np.testing.assert_array_equal(loaded.predict(X), small_model(candidate).predict(X))


def test_a_truncated_file_is_refused(saved):
    path, card = saved
    path.write_bytes(path.read_bytes()[:-100])
    assert _refusal(path, sha256=card.sha256).reason == "truncated"


def test_a_swapped_file_is_refused_before_it_is_opened(saved):
    path, card = saved
    # unpickling this would raise something else
    path.write_bytes(b"\x80\x04cnowhere\nnothing\n." + b"x" * card.bytes)
    assert _refusal(path, sha256=card.sha256).reason == "hash"


def test_file_and_card_swapped_together_are_refused(saved, tmp_path):
    path, card = saved
    other = save(small_model("logistic_regression"), tmp_path / "other")
    source = tmp_path / "other" / other.file
    path.write_bytes(source.read_bytes())
    path.with_suffix(".json").write_bytes(source.with_suffix(".json").read_bytes())
    assert _refusal(path, sha256=card.sha256).reason == "hash"


def test_a_card_that_belongs_to_another_file_is_refused(saved):
    path, card = saved
    changed = replace(card, sha256="0" * 64)
    path.with_suffix(".json").write_text(json.dumps(changed.as_json()))
    assert _refusal(path, sha256=card.sha256).reason == "hash"


def test_missing_card_and_missing_file_are_told_apart(saved):
    path, card = saved
    path.rename(path.with_name("elsewhere.joblib"))
    assert _refusal(path, sha256=card.sha256).reason == "missing"
    path.with_suffix(".json").unlink()
    assert _refusal(path, sha256=card.sha256).reason == "card"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Expecting"),
        ("[]", "not a JSON object"),
        ('{"format": 9}', "format 9"),
        ('{"format": 1}', "lacks"),
        ("[" * 100_000, "recursion"),
    ],
)
def test_an_unreadable_card_is_refused(saved, text, message):
    path, card = saved
    path.with_suffix(".json").write_text(text)
    refused = _refusal(path, sha256=card.sha256)
    assert refused.reason == "card"
    assert message in str(refused)


@pytest.mark.parametrize("edit", [{"bytes": "many"}, {"bytes": None}, {"features": [5]}, {"features": [[]]}])
def test_an_edited_card_is_refused_by_what_was_edited(saved, edit):
    path, card = saved
    path.with_suffix(".json").write_text(json.dumps(card.as_json() | edit))
    refused = _refusal(path, sha256=card.sha256)
    assert refused.reason == "card" and next(iter(edit)) in str(refused)


def test_a_card_with_another_number_of_features_is_refused(saved):
    path, card = saved
    changed = replace(card, features=card.features[:-1])
    path.with_suffix(".json").write_text(json.dumps(changed.as_json()))
    assert _refusal(path, sha256=card.sha256).reason == "schema"


def test_a_model_of_another_feature_set_is_refused(saved, tmp_path):
    path, card = saved
    assert "needs features that are not defined: f0" in str(
        _refusal(path, sha256=card.sha256, feature_set=PAYMENTS)
    )
    older = save(payments_model().with_card(feature_set="payments-000000000000"), tmp_path)
    refused = _refusal(tmp_path / older.file, sha256=older.sha256, feature_set=PAYMENTS)
    assert refused.reason == "schema"
    assert PAYMENTS.version in str(refused)


def test_a_model_of_the_present_feature_set_is_accepted(tmp_path):
    card = save(payments_model(), tmp_path)
    model = load(tmp_path / card.file, sha256=card.sha256, feature_set=PAYMENTS)
    rows = payments_vectors()[0][:20, [PAYMENTS.numbers.index(name) for name in card.features]]
    np.testing.assert_array_equal(model.predict(rows), payments_model().predict(rows))
