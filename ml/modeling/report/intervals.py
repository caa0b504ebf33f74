"""Ninety-five per cent intervals: the bootstrap over rows, and a formula where segments are many."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

RESAMPLES = 200
MOST_DRAWS = 30_000_000  # resamples x rows; larger sets need fewer resamples
LEAST_RESAMPLES = 40
Z95 = 1.959963984540054

Interval = dict[str, float | None]


class Ranked:
    """Rows in order of score, so that a resample is a weighting: AUC and AP are then cumulative sums."""

    def __init__(self, y: ndarray, score: ndarray):
        order = np.argsort(-score, kind="stable")
        self.y = y[order].astype(np.float64)
        ordered = score[order]
        self.ends = np.append(np.flatnonzero(np.diff(ordered) != 0), len(ordered) - 1)

    def figures(self, weight: ndarray) -> tuple[float, float]:
        """(ROC AUC, average precision) with these weights [n]; equal scores count together."""
        hits = np.cumsum(weight * self.y)[self.ends]
        alarms = np.cumsum(weight * (1.0 - self.y))[self.ends]
        frauds, others = hits[-1], alarms[-1]
        new_hits, new_alarms = np.diff(hits, prepend=0.0), np.diff(alarms, prepend=0.0)
        auc = ((hits - new_hits / 2.0) * new_alarms).sum() / (frauds * others)
        precision = hits / np.maximum(hits + alarms, 1e-12)
        return float(auc), float((precision * new_hits).sum() / frauds)


def bootstrapped(y: ndarray, score: ndarray, seed: int) -> tuple[Interval, Interval]:
    """ROC AUC and average precision, each {"value", "low", "high"}."""
    ranked, rng = Ranked(y, score), np.random.default_rng(seed)
    auc, precision = ranked.figures(np.ones(len(y)))
    times = int(np.clip(MOST_DRAWS // max(len(y), 1), LEAST_RESAMPLES, RESAMPLES))
    drawn = []
    for _ in range(times):
        weight = rng.poisson(1.0, len(y)).astype(np.float64)
        if weight @ ranked.y > 0 and weight @ (1.0 - ranked.y) > 0:
            drawn.append(ranked.figures(weight))
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    return interval(auc, low[0], high[0]), interval(precision, low[1], high[1])


def interval(value: float, low: float | None, high: float | None) -> Interval:
    return {
        "value": round(float(value), 6),
        "low": None if low is None else round(float(low), 6),
        "high": None if high is None else round(float(high), 6),
    }


def mean_interval(values: ndarray, seed: int) -> Interval:
    """The mean of days, resampled by day."""
    rng = np.random.default_rng(seed)
    means = values[rng.integers(0, len(values), (RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return interval(values.mean(), low, high)


def auc_interval(auc: float, frauds: int, others: int) -> tuple[float, float]:
    """Hanley and McNeil (1982)."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (auc * (1 - auc) + (frauds - 1) * (q1 - auc**2) + (others - 1) * (q2 - auc**2)) / (
        frauds * others
    )
    half = Z95 * float(np.sqrt(max(variance, 0.0)))
    return max(auc - half, 0.0), min(auc + half, 1.0)
