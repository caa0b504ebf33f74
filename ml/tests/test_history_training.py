"""Training on histories: windows, what may be learnt from, refusals, and scores that agree."""

from dataclasses import replace

import numpy as np
import pytest

from ml.artifacts import load, save
from ml.features.durations import DAY
from ml.history.encoders import encoded_names
from ml.modeling.choosing import fastest_of_the_best
from ml.modeling.errors import TrainingRefused
from ml.modeling.histories import train_history
from ml.modeling.parts import parts_of
from ml.modeling.recipes import FAMILIES, Recipe, recipes
from ml.modeling.scoring import ScoringRefused, score_rows, write_scores
from ml.modeling.searching import Compared
from ml.modeling.windows import Windows, bound_of, windows_of
from ml.tests.labelled_histories import DELAY, QUICK, START, timed, timeless, trained


def _train(history, **options):
    return train_history(history, **{"engine": "payments", "candidates": QUICK, "threads": 1, **options})


def test_windows_part_the_rows_and_late_labels_are_left_out():
    history = timed()
    texts = {"train_from": "2024-10-05", "train_until": "2024-11-20", "test_from": None, "test_until": None}
    windows = windows_of(history, **texts)
    parts = parts_of(history, windows, seed=1)
    fit, check = parts.folds[0]
    assert history.times[parts.learn].min() >= windows.train_from
    assert history.known_at[parts.learn].max() <= windows.train_until
    assert history.known_at[fit].max() <= history.times[check].min()
    assert history.times[parts.test].min() >= windows.train_until
    assert parts.bounds["test_from"] == "2024-11-20T00:00:00+00:00"
    assert set(fit) | set(check) <= set(parts.learn)


def test_the_end_of_a_window_is_exclusive():
    history = timed()
    at = int(history.times[2_900])
    parts = parts_of(history, Windows(test_from=int(history.times[2_000]), test_until=at), seed=1)
    assert parts.test[-1] == 2_899


@pytest.mark.parametrize(
    ("windows", "message"),
    [
        (Windows(train_until=START + 40 * DAY, test_from=START + 30 * DAY), "before training ends"),
        (Windows(train_from=START + 40 * DAY, train_until=START + 30 * DAY), "training window is empty"),
        (Windows(train_until=START + DAY), "holds .* rows labelled fraud; at least 15"),
    ],
)
def test_windows_that_cannot_be_are_refused(windows, message):
    with pytest.raises(TrainingRefused, match=message):
        parts_of(timed(), windows, seed=1)


def test_bounds_are_read_as_dates_or_as_the_history_counts():
    history = timed()
    assert bound_of(history, "2024-10-04") == START
    assert bound_of(history, "2024-10-04T02:00:00+02:00") == START
    counted = replace(history, mapping={"time": {"column": "step", "kind": "hours", "start": "2024-10-04"}})
    assert bound_of(counted, "24") == START + DAY
    with pytest.raises(TrainingRefused, match="'soon' is not a date"):
        bound_of(history, "soon")
    with pytest.raises(TrainingRefused, match="has no time"):
        bound_of(timeless(), "2024-10-04")


def test_labels_known_after_training_ends_do_not_matter():
    history = timed(rows=1_500)
    windows = Windows(train_until=START + 45 * DAY)
    late = history.known_at > windows.train_until
    turned = replace(history, y=np.where(late, 1 - history.y, history.y).astype(np.int8))
    first, _ = _train(history, windows=windows)
    second, _ = _train(turned, windows=windows)
    X = np.random.default_rng(1).normal(size=(50, len(first.card.features)))
    assert first.card.features == second.card.features
    np.testing.assert_array_equal(first.predict(X), second.predict(X))


def test_a_history_shorter_than_its_label_delay_is_split_by_time_without_it_and_says_so():
    history = timed()
    slow = replace(history, known_at=history.times + 90 * DAY, label_delay=90 * DAY)
    parts = parts_of(slow, Windows(), seed=1)
    assert parts.kind == "time"
    assert "the delay was left out of the split" in parts.warnings[0]


def test_events_of_one_instant_are_split_at_random():
    history = timed(rows=400, fraud_rate=0.2)
    parts = parts_of(replace(history, times=np.full(400, START)), Windows(), seed=1)
    assert parts.kind == "cross-validation"
    assert parts.warnings[0].startswith("nearly all events have the same time: the split is random")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.full(3_000, -1), "every label is unknown"),
        (np.zeros(3_000), "holds 0 rows labelled fraud"),
        (np.ones(3_000), "holds 0 rows labelled legitimate"),
    ],
)
def test_labels_that_teach_nothing_are_refused(labels, message):
    with pytest.raises(TrainingRefused, match=message):
        _train(replace(timed(), y=labels.astype(np.int8)))


def test_ten_rows_are_refused():
    with pytest.raises(TrainingRefused, match="at least 15 are needed"):
        _train(timed(rows=10))


def test_the_entity_is_worth_knowing():
    _, _, report = trained()
    _, _, without = trained(entity=False)
    assert report["metrics"]["average_precision"]["value"] > 0.9
    assert without["metrics"]["average_precision"]["value"] < 0.6


def test_the_same_history_and_seed_give_the_same_model():
    history, model, _ = trained()
    again, _ = _train(history)
    assert again.card == model.card
    other, _ = _train(history, seed=2)
    assert other.card.prediction_hash != model.card.prediction_hash


def test_scores_of_the_test_window_are_what_was_measured(tmp_path):
    history, model, report = trained()
    card = save(model, tmp_path)
    loaded = load(tmp_path / card.file, sha256=card.sha256)
    at = bound_of(history, report["data"]["split"]["test_from"])
    rows, scores = score_rows(loaded, history, from_time=at)
    assert len(rows) == report["data"]["measured_rows"]
    from sklearn.metrics import average_precision_score

    measured = average_precision_score(history.y[rows], scores)
    assert measured == pytest.approx(report["metrics"]["average_precision"]["value"], abs=1e-6)
    write_scores(tmp_path / "scores.csv", history.ids[rows], scores)
    lines = (tmp_path / "scores.csv").read_text().splitlines()
    assert lines[0] == "id,score"
    assert [line.split(",")[0] for line in lines[1:]] == history.ids[rows].tolist()
    assert [float(line.split(",")[1]) for line in lines[1:]] == scores.tolist()


def test_scores_before_a_moment_do_not_depend_on_what_follows():
    history, model, _ = trained()
    rows, scores = score_rows(model, history, until_time=int(history.times[2_500]))
    assert rows[-1] == 2_499
    shown = history.known_at <= history.times[2_499]
    hidden = replace(history, y=np.where(shown, history.y, -1).astype(np.int8))
    np.testing.assert_array_equal(score_rows(model, hidden)[1][:2_500], scores)


def test_a_model_and_a_history_that_do_not_fit_are_refused():
    _, model, _ = trained()
    with pytest.raises(ScoringRefused, match=r"has no .*entity"):
        score_rows(model, timed(rows=200, entity=False))
    with pytest.raises(ScoringRefused, match="has no time"):
        score_rows(model, timeless(), from_time=START)


def test_without_time_figures_are_out_of_fold_and_said_to_be():
    history = timeless()
    model, report = _train(history, engine="credit")
    assert model.card.split == "cross-validation"
    assert report["data"]["measured_on"] == "out of fold"
    assert "has no time: the split is random" in report["data"]["warnings"][0]
    assert len(report["cross_validation"]["roc_auc"]["folds"]) == 5
    assert report["cross_validation"]["roc_auc"]["mean"] == pytest.approx(
        report["metrics"]["roc_auc"]["value"], abs=0.03
    )
    assert encoded_names(history) == ["column:town"]
    rows, scores = score_rows(model, history)
    assert len(rows) == len(scores) == 400


def test_a_leaking_column_is_named():
    history = timed(rows=1_500, entity=False)
    leak = (history.y + np.random.default_rng(1).normal(0, 0.05, 1_500)).astype(np.float32)
    history = replace(history, numeric={"refunded": leak})
    _, report = _train(history)
    assert report["leaks"][0]["column"] == "column:refunded"
    assert any("column:refunded" in warning for warning in report["data"]["warnings"])


def test_two_thousand_columns_are_thinned_to_those_that_say_most():
    rng = np.random.default_rng(3)
    history = timeless(rows=300)
    noise = {f"x{place}": rng.normal(size=300).astype(np.float32) for place in range(2_000)}
    model, _ = _train(replace(history, numeric={**noise, **history.numeric}, categorical={}))
    assert len(model.card.features) == 320
    assert {"column:n0", "column:n1"} <= set(model.card.features)


def test_weights_move_the_fit():
    history = timed(rows=1_000)
    weighted = replace(history, weight=np.where(history.y == 1, 10.0, 1.0).astype(np.float32))
    plain, _ = _train(history)
    heavy, _ = _train(weighted)
    assert plain.card.prediction_hash != heavy.card.prediction_hash


def test_each_family_learns_and_a_blend_explains_itself():
    history = timeless()
    quick = [replace(one, trees=min(one.trees, 20)) for one in recipes(400, 10, FAMILIES, seed=1)]
    model, report = _train(history, candidates=quick)
    assert {one["parameters"].get("family") for one in report["candidates"]} >= set(FAMILIES)
    x = np.zeros(len(model.card.features))
    contributions, baseline = model.explain(x)
    assert contributions.sum() + baseline == pytest.approx(model.raw(x[None, :])[0], abs=1e-6)


def test_the_search_is_the_same_for_the_same_seed():
    assert recipes(50_000, 100, FAMILIES, seed=4) == recipes(50_000, 100, FAMILIES, seed=4)
    assert recipes(50_000, 100, FAMILIES, seed=4) != recipes(50_000, 100, FAMILIES, seed=5)


def test_a_model_that_serves_is_a_quick_one_unless_clearly_worse():
    slow = Compared(Recipe("forest", "random_forest"), 0.90, ())
    quick = Compared(Recipe("lightgbm", "lightgbm"), 0.88, ())
    assert fastest_of_the_best([slow, quick]) is quick
    assert fastest_of_the_best([slow, replace(quick, average_precision=0.80)]) is slow


def test_the_delay_of_the_generated_history_is_kept():
    history = timed(rows=100)
    assert (history.known_at - history.times == DELAY).all()
