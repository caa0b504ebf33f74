"""What a column left out would have been worth: cross-validated AUC with it minus without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ml.history.history import History
from ml.history.numbers import numbers
from ml.preprocessing.separation import auc, of_groups, of_numbers

FEWEST_OF_A_CLASS = 20
_FOLDS = 5
_SMALL = ((2_000, 4), (5_000, 2))  # below so many rows folds are drawn so often, since chance is large
_MOST_COLUMNS = 60
_MOST_WORDS = 200
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 15,
    "min_data_in_leaf": 20,
    "lambda_l2": 2.0,
    "feature_fraction": 0.8,
    "num_threads": 1,
    "deterministic": True,
    "seed": 1,
    "verbose": -1,
}
_TREES = 60


def worth(
    history: History, rows: np.ndarray, texts: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """Column -> auc_alone and added_auc, measured on these rows; {} where a class has fewer than 20."""
    y = np.asarray(history.y)[rows]
    if not texts or min((y == 1).sum(), (y == 0).sum()) < FEWEST_OF_A_CLASS:
        return {}
    base, words = _base(history, rows, y)
    without = _validated(base, words, y)
    found = {}
    for name, column in texts.items():
        values, is_words = _values(column)
        alone = of_groups(values, y) if is_words else of_numbers(values, y)
        added = _validated([*base, values], [*words, is_words], y) - without
        found[name] = {"auc_alone": round(alone, 4), "added_auc": round(added, 4)}
    return found


def _base(history: History, rows: np.ndarray, y: np.ndarray) -> tuple[list[np.ndarray], list[bool]]:
    """The history's own columns at these rows, the most separating ones when there are many."""
    columns = [(np.asarray(v)[rows].astype(np.float64), False) for v in history.numeric.values()]
    columns += [(_common(np.asarray(codes)[rows]), True) for codes, _ in history.categorical.values()]
    if "amount_ln" in history.events:
        columns.append((np.asarray(history.events["amount_minor"])[rows].astype(np.float64), False))
    if len(columns) > _MOST_COLUMNS:
        strength = [of_groups(v, y) if is_words else of_numbers(v, y) for v, is_words in columns]
        columns = [columns[place] for place in np.argsort(strength)[::-1][:_MOST_COLUMNS]]
    return [values for values, _ in columns], [is_words for _, is_words in columns]


def _values(texts: Sequence[str]) -> tuple[np.ndarray, bool]:
    """Numbers where nearly all are, else codes of the common texts."""
    values, wrong = numbers(texts)
    if len(wrong) <= 0.02 * len(texts):
        return values, False
    return _common(np.unique(np.array(texts), return_inverse=True)[1]), True


def _common(codes: np.ndarray) -> np.ndarray:
    """Codes 0.. of the most frequent values, one more for all others; missing ones are -1 already."""
    known, places, counts = np.unique(codes, return_inverse=True, return_counts=True)
    rank = np.empty(len(known), np.int64)
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(known))
    return np.minimum(rank, _MOST_WORDS)[places].astype(np.float64)


def _validated(columns: list[np.ndarray], words: list[bool], y: np.ndarray) -> float:
    """Mean AUC of predictions for rows that were held out; 0.5 without columns."""
    if not columns:
        return 0.5
    X = np.column_stack(columns)
    draws = next((draws for rows, draws in _SMALL if len(y) < rows), 1)
    return float(np.mean([auc(_held_out(X, words, y, draw), y) for draw in range(draws)]))


def _held_out(X: np.ndarray, words: list[bool], y: np.ndarray, seed: int) -> np.ndarray:
    import lightgbm  # half a second: only who measures waits for it

    fold = np.empty(len(y), np.int64)
    random = np.random.default_rng(seed)
    for label in (0, 1):
        rows = np.flatnonzero(y == label)
        fold[random.permutation(rows)] = np.arange(len(rows)) % _FOLDS
    categorical = [place for place, is_words in enumerate(words) if is_words]
    score = np.empty(len(y))
    for held in range(_FOLDS):
        seen = fold != held
        data = lightgbm.Dataset(X[seen], y[seen], categorical_feature=categorical)
        score[~seen] = lightgbm.train(_PARAMETERS, data, _TREES).predict(X[~seen])
    return score
