"""An isolation forest as it is served: its trees flattened, one row walked through all of them at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROWS_AT_ONCE = 4_096
FROM, MOST = 0.99, 0.5  # the training percentile from which a score counts, and what the largest adds


@dataclass(frozen=True)
class IsolationScorer:
    """raw = -(mean depth at which the trees isolate a row) / (depth expected of `samples` rows).

    It is the base-2 logarithm of scikit-learn's anomaly score: -1 is usual, 0 the most anomalous.

    centre    [K] what stands for a missing value: medians, so that what is missing isolates nothing
    roots     [T] node at which each tree begins; `feature`, `threshold`, `left`, `right` are by node, a leaf
              being its own child
    depth     expected depth of the training rows that reach a node; of a leaf, the depth it stands for
    """

    centre: np.ndarray
    roots: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    depth: np.ndarray
    levels: int
    scale: float
    explanation: str = "how much earlier each feature isolates the row than its training rows are"

    @property
    def width(self) -> int:
        return len(self.centre)

    def raw(self, X: np.ndarray) -> np.ndarray:
        """Float64 [n] for X [n, K], NaN for missing."""
        if len(X) == 1:
            return np.array([-self.depth[self._leaves(self._prepared(X)[0])].mean() / self.scale])
        scores = np.empty(len(X))
        for start in range(0, len(X), ROWS_AT_ONCE):
            rows = self._prepared(X[start : start + ROWS_AT_ONCE])
            scores[start : start + ROWS_AT_ONCE] = -self._mean_depth(rows) / self.scale
        return scores

    def contributions(self, x: np.ndarray) -> tuple[np.ndarray, float]:
        """What each feature adds to raw [K], and raw at the roots: they sum to raw, exactly but for rounding.

        A split that leads to rows isolated earlier than those before it adds the difference.
        """
        row, node, added = self._prepared(x.reshape(1, -1))[0], self.roots, np.zeros(self.width)
        for _ in range(self.levels):
            below = self._step(row, node)
            np.add.at(added, self.feature[node], self.depth[node] - self.depth[below])
            node = below
        total = len(self.roots) * self.scale
        return added / total, -float(self.depth[self.roots].sum()) / total

    def _prepared(self, X: np.ndarray) -> np.ndarray:
        """As the trees saw it in training: nothing missing, magnitudes compressed, single precision."""
        return compressed(np.where(np.isnan(X), self.centre, X)).astype(np.float32)

    def _leaves(self, row: np.ndarray) -> np.ndarray:
        node = self.roots
        for _ in range(self.levels):
            node = self._step(row, node)
        return node

    def _step(self, row: np.ndarray, node: np.ndarray) -> np.ndarray:
        return np.where(row[self.feature[node]] <= self.threshold[node], self.left[node], self.right[node])

    def _mean_depth(self, rows: np.ndarray) -> np.ndarray:
        places = np.arange(len(rows))
        total = np.zeros(len(rows))
        for root in self.roots:
            node = np.full(len(rows), root)
            for _ in range(self.levels):
                under = rows[places, self.feature[node]] <= self.threshold[node]
                node = np.where(under, self.left[node], self.right[node])
            total += self.depth[node]
        return total / len(self.roots)


@dataclass(frozen=True)
class TailShare:
    """From a raw score to what it adds to the risk: MOST * max(0, (q - FROM) / (1 - FROM)).

    q is the training percentile of the score. `scores` [m] rise, `shares` [m] are the part of the training
    scores at most as high; between them q is interpolated.
    """

    scores: np.ndarray
    shares: np.ndarray
    kind: str = "training percentile"

    def percentile(self, raw: np.ndarray) -> np.ndarray:
        """q, 0 to 1."""
        return np.interp(raw, self.scores, self.shares)

    def __call__(self, raw: np.ndarray) -> np.ndarray:
        return MOST * np.maximum(0.0, (self.percentile(raw) - FROM) / (1.0 - FROM))


def compressed(X: np.ndarray) -> np.ndarray:
    """Signed logarithm: a split drawn evenly between extremes would else only ever part the largest."""
    return np.sign(X) * np.log1p(np.abs(X))
