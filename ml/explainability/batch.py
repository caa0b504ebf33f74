"""Contributions of every feature to many scores at once."""

from __future__ import annotations

import numpy as np

from ml.artifacts.model import Model
from ml.artifacts.scorers import BlendScorer, BoosterScorer

ROWS = 10_000  # at a time
PROBED = 20  # rows that tell whether a score is a sum


def contributions(model: Model, X: np.ndarray) -> np.ndarray:
    """Log-odds [n, K] that each value of X [n, K] adds to its row's score.

    Boosters and blends of them: exact SHAP values. Others are compared with the training medians: exactly
    where the score is a sum over features (a logistic regression), else by the mean of two walks from the
    medians to the row, in one random order and back, whose steps sum to the difference of the two scores.
    """
    if len(X) == 0:
        return np.empty_like(X)
    explain = _by_walks
    if _is_trees(model.scorer):
        explain = _by_trees
    elif _is_additive(model, X[:PROBED]):
        explain = _one_by_one
    return np.vstack([explain(model, X[start : start + ROWS]) for start in range(0, len(X), ROWS)])


def _is_trees(scorer: object) -> bool:
    return isinstance(scorer, BoosterScorer) or (isinstance(scorer, BlendScorer) and scorer.is_trees)


def _by_trees(model: Model, X: np.ndarray) -> np.ndarray:
    return _shap(model.scorer, X)


def _shap(scorer: BoosterScorer | BlendScorer, X: np.ndarray) -> np.ndarray:
    if isinstance(scorer, BoosterScorer):
        return scorer.booster.predict(X, pred_contrib=True, num_threads=1)[:, :-1]
    parts = zip(scorer.weights, scorer.scorers, strict=True)
    return sum(weight * _shap(part, X) for weight, part in parts)


def _is_additive(model: Model, X: np.ndarray) -> bool:
    baseline = model.raw(model.scorer.centre[None, :])[0]
    return np.allclose(baseline + _one_by_one(model, X).sum(axis=1), model.raw(X), rtol=0, atol=1e-6)


def _one_by_one(model: Model, X: np.ndarray) -> np.ndarray:
    """Change one feature alone, each of its values once."""
    centre = model.scorer.centre
    baseline = model.raw(centre[None, :])[0]
    added = np.empty_like(X)
    for feature in range(X.shape[1]):
        values, places = np.unique(X[:, feature], return_inverse=True)
        rows = np.tile(centre, (len(values), 1))
        rows[:, feature] = values
        added[:, feature] = (model.raw(rows) - baseline)[places]
    return added


def _by_walks(model: Model, X: np.ndarray) -> np.ndarray:
    order = np.random.default_rng(0).permutation(X.shape[1])
    return (_walk(model, X, order) + _walk(model, X, order[::-1])) / 2


def _walk(model: Model, X: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Set one feature after the other to its value; what each step adds."""
    rows = np.tile(model.scorer.centre, (len(X), 1))
    added = np.empty_like(X)
    before = model.raw(rows)
    for feature in order:
        rows[:, feature] = X[:, feature]
        after = model.raw(rows)
        added[:, feature] = after - before
        before = after
    return added
