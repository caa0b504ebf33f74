"""From raw log-odds to probabilities: monotone maps; ml.modeling.calibration learns them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SMALLEST = 1e-6
RANKED = 1e-3


@dataclass(frozen=True)
class Sigmoid:
    """p = 1 / (1 + exp(-(slope * raw + intercept))). Slope 1 and intercept 0 leave log-odds as they are."""

    slope: float = 1.0
    intercept: float = 0.0
    kind: str = "sigmoid"

    def __call__(self, raw: np.ndarray) -> np.ndarray:
        return _inside(_logistic(self.slope * raw + self.intercept))


@dataclass(frozen=True)
class Isotonic:
    """Straight lines between the centres of the steps of an isotonic regression, so that ranks survive.

    A thousandth is the raw score's own logistic: beyond the outermost centres, and between equal steps, it
    keeps the order that the regression lost.
    """

    raw: np.ndarray
    probability: np.ndarray
    kind: str = "isotonic"

    def __call__(self, raw: np.ndarray) -> np.ndarray:
        stepped = np.interp(raw, self.raw, self.probability)
        return _inside((1.0 - RANKED) * stepped + RANKED * _logistic(raw))


def _logistic(log_odds: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -30.0, 30.0)))


def _inside(probability: np.ndarray) -> np.ndarray:
    """Into the open interval (0, 1) without making two different values equal."""
    return SMALLEST + (1.0 - 2.0 * SMALLEST) * probability


IDENTITY = Sigmoid(kind="none")
