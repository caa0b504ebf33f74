"""From raw log-odds to probabilities: monotone maps; ml.modeling.calibration learns them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SMALLEST = 1e-6


@dataclass(frozen=True)
class Sigmoid:
    """p = 1 / (1 + exp(-(slope * raw + intercept))). Slope 1 and intercept 0 leave log-odds as they are."""

    slope: float = 1.0
    intercept: float = 0.0
    kind: str = "sigmoid"

    def __call__(self, raw: np.ndarray) -> np.ndarray:
        log_odds = np.clip(self.slope * raw + self.intercept, -30.0, 30.0)
        return np.clip(1.0 / (1.0 + np.exp(-log_odds)), SMALLEST, 1.0 - SMALLEST)


@dataclass(frozen=True)
class Isotonic:
    """Straight lines between the centres of the steps of an isotonic regression, so that ranks survive."""

    raw: np.ndarray
    probability: np.ndarray
    kind: str = "isotonic"

    def __call__(self, raw: np.ndarray) -> np.ndarray:
        return np.clip(np.interp(raw, self.raw, self.probability), SMALLEST, 1.0 - SMALLEST)


IDENTITY = Sigmoid(kind="none")
