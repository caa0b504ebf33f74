"""A figure too good to be true: which column causes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray
from sklearn.metrics import roc_auc_score

TOO_GOOD = 0.95  # average precision, when a column alone separates the classes
UNBELIEVABLE = 0.985  # when none does
ALONE = 0.98  # ROC AUC of one column
SHOWN = 5
ROWS = 20_000


def leaking(
    X: ndarray,
    y: ndarray,
    names: Sequence[str],
    average_precision: float,
    importance: Sequence[Mapping],
    seed: int,
) -> list[dict[str, Any]]:
    """Columns that alone separate the classes, the strongest first; empty while the figure is believable.

    When none does alone and yet the figure is nearly perfect, the one the model leans on most is named.
    """
    if average_precision < TOO_GOOD or not len(names):
        return []
    rows = _sample(y, seed)
    aucs = {name: alone(X[rows, place], y[rows]) for place, name in enumerate(names)}
    strongest = sorted(aucs, key=lambda name: -aucs[name])
    found = [name for name in strongest if aucs[name] > ALONE][:SHOWN]
    if not found and average_precision >= UNBELIEVABLE:
        found = [importance[0]["feature"]] if importance else strongest[:1]
    return [{"column": name, "auc": round(aucs.get(name, 0.5), 6)} for name in found]


def alone(values: ndarray, y: ndarray) -> float:
    """ROC AUC (0.5..1) of one column, missing values taken as lowest."""
    low = np.nan_to_num(values.astype(np.float64), nan=-np.inf, posinf=1e300)
    auc = float(roc_auc_score(y, np.maximum(low, -1e300)))
    return max(auc, 1.0 - auc)


def said(leaks: Sequence[Mapping[str, Any]], average_precision: float) -> str:
    columns = ", ".join(f"{leak['column']} (ROC AUC {leak['auc']:.3f} alone)" for leak in leaks)
    return (
        f"average precision {average_precision:.3f} is too good to be believed unchecked; it comes from "
        f"{columns}: make sure that this is known before the event is decided, or ignore the column"
    )


def _sample(y: ndarray, seed: int) -> ndarray:
    if len(y) <= ROWS:
        return np.arange(len(y))
    rng = np.random.default_rng(seed)
    frauds, others = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    return np.concatenate([rng.permutation(frauds)[: ROWS // 2], rng.permutation(others)[: ROWS // 2]])
