"""What turns feature vectors into raw scores (log-odds) and says how each feature contributed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # a process that serves loads the libraries of its model only, when it is unpickled
    import lightgbm

PERMUTATIONS = 12
SMALLEST = 1e-9
WIDEST = 9.0  # log-odds of a blended part: one that is sure must not outvote the others


@dataclass(frozen=True)
class BoosterScorer:
    """A LightGBM booster, called directly: the scikit-learn wrapper costs 8 ms a row, this 0.02 ms."""

    booster: lightgbm.Booster
    explanation: str = "exact SHAP values of the trees"

    @property
    def width(self) -> int:
        return self.booster.num_feature()

    def raw(self, X: np.ndarray) -> np.ndarray:
        # more than one thread in a forked web process hangs
        return self.booster.predict(X, raw_score=True, num_threads=1)

    def contributions(self, x: np.ndarray) -> tuple[np.ndarray, float]:
        values = self.booster.predict(x.reshape(1, -1), pred_contrib=True, num_threads=1)[0]
        return values[:-1], float(values[-1])


@dataclass(frozen=True)
class EstimatorScorer:
    """Any fitted estimator with predict_proba. `centre` [K] is what explanations compare with (medians)."""

    estimator: Any
    centre: np.ndarray
    explanation: str = "sampled Shapley values against the training medians"

    @property
    def width(self) -> int:
        return len(self.centre)

    def raw(self, X: np.ndarray) -> np.ndarray:
        probability = np.clip(self.estimator.predict_proba(X)[:, 1], SMALLEST, 1.0 - SMALLEST)
        return np.log(probability / (1.0 - probability))

    def contributions(self, x: np.ndarray) -> tuple[np.ndarray, float]:
        return sampled_contributions(self.raw, self.centre, x)


@dataclass(frozen=True)
class BlendScorer:
    """The weighted mean of several scorers' log-odds. Boosters alone stay exactly explained."""

    scorers: tuple[BoosterScorer | EstimatorScorer, ...]
    weights: tuple[float, ...]
    centre: np.ndarray

    @property
    def explanation(self) -> str:
        return self.scorers[0].explanation if self.is_trees else EstimatorScorer.explanation

    @property
    def is_trees(self) -> bool:
        return all(isinstance(scorer, BoosterScorer) for scorer in self.scorers)

    @property
    def width(self) -> int:
        return len(self.centre)

    def raw(self, X: np.ndarray) -> np.ndarray:
        parts = (scorer.raw(X) for scorer in self.scorers)
        if self.is_trees:
            return sum(weight * part for weight, part in zip(self.weights, parts, strict=True))
        return blended(parts, self.weights)

    def contributions(self, x: np.ndarray) -> tuple[np.ndarray, float]:
        if not self.is_trees:
            return sampled_contributions(self.raw, self.centre, x)
        parts = [scorer.contributions(x) for scorer in self.scorers]
        total = sum(weight * part[0] for weight, part in zip(self.weights, parts, strict=True))
        return total, float(np.dot(self.weights, [part[1] for part in parts]))


def blended(parts: Iterable[np.ndarray], weights: Sequence[float]) -> np.ndarray:
    """The weighted mean of log-odds [n] each; what is beyond WIDEST counts a hundredth, so order survives."""
    return sum(weight * _bounded(part) for weight, part in zip(weights, parts, strict=True))


def _bounded(raw: np.ndarray) -> np.ndarray:
    held = np.clip(raw, -WIDEST, WIDEST)
    return held + (raw - held) / 100.0


def sampled_contributions(
    raw: Callable[[np.ndarray], np.ndarray], centre: np.ndarray, x: np.ndarray
) -> tuple[np.ndarray, float]:
    """Walk from the centre to x, one feature after the other, in random orders and their reverses.

    Each walk's steps sum to raw(x) - raw(centre), so their mean does too, for any estimator.
    """
    rng = np.random.default_rng(0)
    forward = [rng.permutation(len(x)) for _ in range(PERMUTATIONS // 2)]
    orders = [*forward, *(order[::-1] for order in forward)]
    walks = np.tile(centre, (len(orders), len(x) + 1, 1))
    for walk, order in zip(walks, orders, strict=True):
        for step, feature in enumerate(order, 1):
            walk[step:, feature] = x[feature]
    scores = raw(walks.reshape(-1, len(x))).reshape(len(orders), -1)
    result = np.zeros(len(x))
    for order, score in zip(orders, scores, strict=True):
        result[order] += np.diff(score)
    return result / len(orders), float(scores[0, 0])
