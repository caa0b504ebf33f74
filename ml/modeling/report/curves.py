"""Curves of a report, thinned to what a page can draw."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray
from sklearn.metrics import precision_recall_curve, roc_curve

POINTS = 200
CALIBRATION_BINS = 10
REVIEW_COST = 5.0  # of looking at an event in vain, in units of money
LOSS = 100.0  # of a missed fraud where the history has no amounts


def roc(y: ndarray, score: ndarray) -> list[list[float]]:
    fpr, tpr, _ = roc_curve(y, score)
    return _thinned(fpr, tpr)


def precision_recall(y: ndarray, score: ndarray) -> list[list[float]]:
    precision, recall, _ = precision_recall_curve(y, score)
    return _thinned(recall[::-1], precision[::-1])


def calibration(y: ndarray, probability: ndarray) -> list[dict[str, Any]]:
    """Mean predicted and observed shares of ten groups of equal size, in order of probability."""
    order = np.argsort(probability, kind="stable")
    groups = [rows for rows in np.array_split(order, CALIBRATION_BINS) if len(rows)]
    return [
        {"mean_predicted": round(float(probability[rows].mean()), 6),
         "observed": round(float(y[rows].mean()), 6), "n": len(rows)}
        for rows in groups
    ]  # fmt: skip


def cost(
    y: ndarray, probability: ndarray, amounts: ndarray | None, false_positive: float = REVIEW_COST
) -> dict[str, Any]:
    """Cost of every threshold: reviews in vain, and the loss of frauds below it.

    The best threshold of calibrated probabilities is p* = C_fp / (C_fp + L).
    """
    loss = LOSS
    if amounts is not None and (y == 1).any():
        lost = amounts[y == 1]
        if np.isfinite(lost).any():
            loss = max(float(np.nanmean(lost)), 0.01)
    order = np.argsort(-probability, kind="stable")
    hits = np.cumsum(y[order])
    alarms = np.arange(1, len(y) + 1) - hits
    total = alarms * false_positive + (hits[-1] - hits) * loss
    some = np.unique(np.geomspace(1, len(y), POINTS).astype(int)) - 1
    curve = [
        {"threshold": round(float(probability[order[i]]), 6), "cost": round(float(total[i]), 2)} for i in some
    ]
    return {
        "false_positive": false_positive,
        "loss": round(loss, 2),
        "threshold": round(false_positive / (false_positive + loss), 6),
        "curve": curve,
    }


def _thinned(x: ndarray, y: ndarray) -> list[list[float]]:
    """At most POINTS points, evenly along the curve's length so that steep parts keep theirs."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    places = np.unique(np.searchsorted(length, np.linspace(0.0, length[-1], POINTS)))
    places = np.unique(np.append(places, len(x) - 1))
    return [[round(float(x[i]), 5), round(float(y[i]), 5)] for i in places]
