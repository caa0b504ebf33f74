"""A trained model: a scorer, its calibration, and the card that says what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ml.artifacts.calibration import Isotonic, Sigmoid
from ml.artifacts.card import Card
from ml.artifacts.scorers import BlendScorer, BoosterScorer, EstimatorScorer


@dataclass(frozen=True)
class Model:
    """Predicts from vectors in the order of `card.features`; NaN is missing.

    encoders  what computes these features from an imported history (its plan, learnt rates); None for a
              model that reads what live events carry
    """

    scorer: BoosterScorer | EstimatorScorer | BlendScorer
    calibration: Sigmoid | Isotonic
    card: Card
    encoders: Mapping[str, Any] | None = None

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Calibrated probabilities [n] for X float64 [n, K]."""
        return self.calibration(self.raw(X))

    def raw(self, X: np.ndarray) -> np.ndarray:
        """Log-odds [n] before calibration, for X float64 [n, K]."""
        X = np.asarray(X, dtype=np.float64)
        if X.ndim != 2 or X.shape[1] != len(self.card.features):
            raise ValueError(f"X must be [n, {len(self.card.features)}], not {list(X.shape)}")
        return self.scorer.raw(X)

    def contributions(self, x: np.ndarray) -> np.ndarray:
        """Log-odds [K] that each value of x [K] adds; they and the baseline score sum to the raw score."""
        return self.explain(x)[0]

    def explain(self, x: np.ndarray) -> tuple[np.ndarray, float]:
        """(contributions [K], baseline score)."""
        return self.scorer.contributions(np.asarray(x, dtype=np.float64))

    def with_card(self, **changes: object) -> Model:
        return replace(self, card=replace(self.card, **changes))
