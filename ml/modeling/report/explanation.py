"""Which features a model leans on, and what their values do to its score."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from ml.artifacts.model import Model
from ml.artifacts.scorers import BlendScorer, BoosterScorer, EstimatorScorer

SHAP_ROWS = 2_000
REPLACED_ROWS = 300
SHOWN = 40
DEPENDENCES = 8
POINTS = 12


def explained(
    model: Model, X: ndarray, y: ndarray, seed: int, skip: frozenset[str] = frozenset()
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(importance, dependence) from a sample that holds frauds. `skip`: features whose values are codes.

    Exact SHAP values of boosted trees, in a blend of its boosted members; else replaced values.
    """
    rows = _sample(y, SHAP_ROWS, seed)
    trees = _trees(model.scorer)
    if trees:
        values = np.asarray(X[rows], dtype=np.float64)
        effects = sum(w * _contributions(s, values) for s, w in trees)
    else:
        values = np.asarray(X[_sample(y, REPLACED_ROWS, seed)], dtype=np.float64)
        effects = _replaced(model.scorer, values)
    weight = np.abs(effects).mean(axis=0)
    share = weight / max(weight.sum(), 1e-12)
    order = np.argsort(-share, kind="stable")[:SHOWN]
    names = model.card.features
    importance = [{"feature": names[i], "share": round(float(share[i]), 6)} for i in order if share[i] > 0]
    numbers = [i for i in order if names[i] not in skip and share[i] > 0][:DEPENDENCES]
    dependence = [{"feature": names[i], "points": _points(values[:, i], effects[:, i])} for i in numbers]
    return importance, [one for one in dependence if len(one["points"]) > 1]


def _trees(scorer: object) -> list[tuple[BoosterScorer, float]]:
    if isinstance(scorer, BoosterScorer):
        return [(scorer, 1.0)]
    if not isinstance(scorer, BlendScorer):
        return []
    parts = zip(scorer.scorers, scorer.weights, strict=True)
    return [(part, weight) for part, weight in parts if isinstance(part, BoosterScorer)]


def _contributions(scorer: BoosterScorer, X: ndarray) -> ndarray:
    """Exact SHAP values [n, K]."""
    return scorer.booster.predict(X, pred_contrib=True, num_threads=1)[:, :-1]


def _replaced(scorer: EstimatorScorer | BlendScorer, X: ndarray) -> ndarray:
    """Log-odds [n, K] that each value adds against the training median in its place."""
    base, effects = scorer.raw(X), np.empty(X.shape)
    for column in range(X.shape[1]):
        changed = X.copy()
        changed[:, column] = scorer.centre[column]
        effects[:, column] = base - scorer.raw(changed)
    return effects


def _points(values: ndarray, effects: ndarray) -> list[list[float]]:
    """Mean effect around each of a dozen quantiles of the values that are there."""
    there = np.isfinite(values)
    values, effects = values[there], effects[there]
    if len(values) < 2:
        return []
    edges = np.unique(np.quantile(values, np.linspace(0, 1, POINTS + 1)))
    group = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, max(len(edges) - 2, 0))
    made = []
    for number in np.unique(group):
        inside = group == number
        made.append([round(float(values[inside].mean()), 6), round(float(effects[inside].mean()), 6)])
    return made


def _sample(y: ndarray, most: int, seed: int) -> ndarray:
    """Rows of both classes: up to a third are frauds."""
    if len(y) <= most:
        return np.arange(len(y))
    rng = np.random.default_rng(seed)
    frauds = np.flatnonzero(y == 1)
    frauds = rng.permutation(frauds)[: most // 3]
    others = rng.permutation(np.flatnonzero(y == 0))[: most - len(frauds)]
    return np.sort(np.concatenate([frauds, others]))
