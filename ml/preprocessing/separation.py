"""How well one column alone separates two classes, on plain arrays."""

from __future__ import annotations

import numpy as np

FOLDS = 5
BINS = 20
PRIOR_ROWS = 10.0


def auc(score: np.ndarray, y: np.ndarray) -> float:
    """ROC AUC of a score without missing values; ties count half. 0.5 when a class is missing."""
    y = np.asarray(y) == 1
    positives, negatives = int(y.sum()), int((~y).sum())
    if not positives or not negatives:
        return 0.5
    _, places, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return float((ranks[places][y].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def of_numbers(values: np.ndarray, y: np.ndarray) -> float:
    """Best AUC (0.5..1) of the order, or of the rate of 20 quantile bins, so that a U shape counts too.

    NaN is a value of its own: the lowest in the order, a bin by itself.
    """
    missing = np.isnan(values)
    ordered = auc(np.where(missing, -np.inf, values), y)
    known = np.sort(values[~missing])
    edges = np.unique(known[np.linspace(0, len(known) - 1, BINS + 1).astype(int)]) if len(known) else known
    bins = np.where(missing, 0, 1 + np.searchsorted(edges, values))
    return max(ordered, 1.0 - ordered, of_groups(bins, y))


def of_groups(groups: np.ndarray, y: np.ndarray) -> float:
    """AUC (0.5..1) of each group's rate, measured on the other folds and smoothed to the base rate."""
    groups = np.unique(groups, return_inverse=True)[1]
    y = (np.asarray(y) == 1).astype(np.float64)
    fold, score, size = np.arange(len(y)) % FOLDS, np.empty(len(y)), int(groups.max(initial=-1)) + 1
    for held in range(FOLDS):
        seen = fold != held
        base = y[seen].mean() if seen.any() else 0.0
        rows = np.bincount(groups[seen], minlength=size)
        found = np.bincount(groups[seen], weights=y[seen], minlength=size)
        score[~seen] = ((found + PRIOR_ROWS * base) / (rows + PRIOR_ROWS) - base)[groups[~seen]]
    return max(auc(score, y), 0.5)
