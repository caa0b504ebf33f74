"""Learn the map from raw scores to probabilities, on rows the classifier never saw."""

from __future__ import annotations

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from ml.artifacts.calibration import SMALLEST, Isotonic, Sigmoid

ISOTONIC_POSITIVES = 200


def calibrated(raw: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> Sigmoid | Isotonic:
    """Isotonic from 200 frauds on, a sigmoid below.

    raw: log-odds [n] of rows held out; y: 0 or 1 [n]; weight: how many rows each stands for [n]
    """
    if int(y.sum()) >= ISOTONIC_POSITIVES:
        return _isotonic(raw, y, weight)
    return _sigmoid(raw, y, weight)


def _sigmoid(raw: np.ndarray, y: np.ndarray, weight: np.ndarray | None) -> Sigmoid:
    fitted = LogisticRegression(C=1e3, max_iter=1000).fit(raw.reshape(-1, 1), y, sample_weight=weight)
    slope = float(fitted.coef_[0, 0])
    if slope <= 0:  # the score says nothing: the base rate is the honest answer, and the order stays
        rate = float(np.clip(np.average(y, weights=weight), SMALLEST, 1 - SMALLEST))
        return Sigmoid(1e-3, float(np.log(rate / (1 - rate)) - 1e-3 * np.median(raw)))
    return Sigmoid(slope, float(fitted.intercept_[0]))


def _isotonic(raw: np.ndarray, y: np.ndarray, weight: np.ndarray | None) -> Isotonic:
    order = np.argsort(raw, kind="stable")
    raw, y = raw[order], y[order]
    weight = None if weight is None else weight[order]
    steps = IsotonicRegression(out_of_bounds="clip").fit_transform(raw, y, sample_weight=weight)
    starts = np.flatnonzero(np.diff(steps, prepend=-1.0))
    sizes = np.diff(np.append(starts, len(steps)))
    centres = np.add.reduceat(raw, starts) / sizes
    return Isotonic(centres, steps[starts])
