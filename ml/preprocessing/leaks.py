"""How well one column alone separates the classes: finds give-away and leaking columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

FOLDS = 5
BINS = 20
MOST_CATEGORIES = 50


def single_column_auc(frame: pd.DataFrame, label: np.ndarray) -> dict[str, float]:
    """Best ROC AUC (0.5..1) that each column reaches by itself.

    Numbers: the better of their order and of the fraud rate of 20 quantile bins, so that a U shape
    counts too. Texts with at most 50 values: the fraud rate of the value. Rates are taken out of fold.
    Texts with more values are identifiers and are left out.
    """
    found = {}
    for name in frame:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column):
            found[str(name)] = max(_ordered(column, label), _by_group(_quantiles(column), label))
        elif column.nunique() <= MOST_CATEGORIES:
            found[str(name)] = _by_group(pd.factorize(column, use_na_sentinel=False)[0], label)
    return found


def _ordered(column: pd.Series, label: np.ndarray) -> float:
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    values = np.nan_to_num(values, nan=-np.inf, posinf=np.finfo(float).max)
    auc = roc_auc_score(label, np.maximum(values, np.finfo(float).min))
    return float(max(auc, 1.0 - auc))


def _quantiles(column: pd.Series) -> np.ndarray:
    bins = pd.qcut(column.rank(method="average"), BINS, labels=False, duplicates="drop")
    return bins.fillna(BINS).to_numpy(dtype=np.int64)


def rate_auc(group: np.ndarray, label: np.ndarray) -> float:
    """AUC (0.5..1) of each group's fraud rate, measured on the other folds and smoothed to the base rate.

    group: int [n] from 0 on; label: 0 or 1 [n]. 0.5 when there is one class only.
    """
    if len(label) == 0 or label.min() == label.max():
        return 0.5
    return _by_group(group, label)


def _by_group(group: np.ndarray, label: np.ndarray) -> float:
    """AUC of each group's fraud rate, measured on the other folds and smoothed to the base rate."""
    fold = np.arange(len(label)) % FOLDS
    score = np.empty(len(label))
    for held in range(FOLDS):
        seen = fold != held
        size = np.bincount(group[seen], minlength=group.max() + 1)
        fraud = np.bincount(group[seen], weights=label[seen], minlength=group.max() + 1)
        rate = (fraud + 10.0 * label[seen].mean()) / (size + 10.0)
        score[~seen] = rate[group[~seen]]
    return float(max(roc_auc_score(label, score), 0.5))
