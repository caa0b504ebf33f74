"""Refitting the points of a scorecard to outcomes, its bins and its scaling kept.

Each bin gets the weight of evidence of its good and bad outcomes; a logistic regression weighs the
characteristics, none below zero. F and the offset turn log-odds into points (Siddiqi, Credit Risk
Scorecards, 2006), so 660 points go on meaning 50:1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from ml.domains.credit.scorecard import Characteristic, Scorecard
from ml.modeling.errors import TrainingRefused

FEWEST_BAD = 50
SMOOTHING = 0.5  # added to every count, so that an empty bin has a weight
FEWEST_MISSING = 20  # below this many, a missing value is taken as telling nothing


@dataclass(frozen=True)
class Refit:
    """A scorecard with new points, and how old and new rank outcomes they were not fitted to (ROC AUC)."""

    scorecard: Scorecard
    rows: int
    bad: int
    auc_before: float
    auc_after: float


def refit(
    card: Scorecard,
    columns: dict[str, np.ndarray],
    default: np.ndarray,
    *,
    version: str,
    date: str,
    seed: int = 1,
) -> Refit:
    """columns: characteristic -> float64 [n], NaN for missing; default: 1 or 0 [n]; a fifth is held out.

    Raises TrainingRefused when there are too few defaults to learn from.
    """
    bad = int(default.sum())
    if bad < FEWEST_BAD or len(default) - bad < FEWEST_BAD:
        raise TrainingRefused(f"{bad} defaults among {len(default):,} rows: {FEWEST_BAD} of each are needed")
    held = np.random.default_rng(seed).random(len(default)) < 0.2
    trial = _fitted(card, columns, default, ~held, version, date)
    before, after = (_auc(each, columns, default, held) for each in (card, trial))
    final = _fitted(card, columns, default, np.ones(len(default), bool), version, date)
    return Refit(final, len(default), bad, before, after)


def _fitted(
    card: Scorecard,
    columns: dict[str, np.ndarray],
    default: np.ndarray,
    rows: np.ndarray,
    version: str,
    date: str,
) -> Scorecard:
    evidence = [_evidence(c, columns[c.name][rows], default[rows]) for c in card.characteristics]
    places = [_places(c, columns[c.name][rows]) for c in card.characteristics]
    woe = np.stack([weights[place] for weights, place in zip(evidence, places, strict=True)], axis=1)
    slopes, intercept = _logistic(woe, 1 - default[rows])
    factor = card.double / math.log(2)
    share = factor * (intercept - math.log(card.odds)) / len(card.characteristics)
    refitted = tuple(
        _with_points(c, np.rint(factor * slope * weights + share))
        for c, slope, weights in zip(card.characteristics, slopes, evidence, strict=True)
    )
    return replace(
        card,
        version=version,
        date=date,
        source="refitted to outcomes, bins and scaling kept",
        characteristics=refitted,
    )


def _places(characteristic: Characteristic, values: np.ndarray) -> np.ndarray:
    """The bin of each value; the last place is for missing."""
    bins = np.maximum(np.searchsorted(characteristic.edges, values, side="right") - 1, 0)
    return np.where(np.isnan(values), len(characteristic.edges), bins)


def _evidence(characteristic: Characteristic, values: np.ndarray, default: np.ndarray) -> np.ndarray:
    """ln(share of the good / share of the bad) of each bin, 0 for a missing value too rare to tell."""
    places, count = _places(characteristic, values), len(characteristic.edges) + 1
    bad = np.bincount(places, weights=default, minlength=count)
    good = np.bincount(places, weights=1 - default, minlength=count)
    weights = np.log((good + SMOOTHING) / (good + SMOOTHING).sum())
    weights -= np.log((bad + SMOOTHING) / (bad + SMOOTHING).sum())
    if good[-1] + bad[-1] < FEWEST_MISSING:
        weights[-1] = 0.0
    return weights


def _logistic(woe: np.ndarray, good: np.ndarray) -> tuple[np.ndarray, float]:
    """Slopes and intercept of the log-odds of good; what would count backwards is left out."""
    kept = np.arange(woe.shape[1])
    while True:
        model = LogisticRegression(C=10.0, max_iter=500).fit(woe[:, kept], good)
        slopes = np.zeros(woe.shape[1])
        slopes[kept] = model.coef_[0]
        if (slopes >= 0).all() or (slopes[kept] < 0).all():
            return np.maximum(slopes, 0.0), float(model.intercept_[0])
        kept = kept[slopes[kept] >= 0]


def _with_points(characteristic: Characteristic, points: Sequence[float]) -> Characteristic:
    whole = [int(each) for each in points]
    return replace(characteristic, points=tuple(whole[:-1]), missing=whole[-1])


def _auc(card: Scorecard, columns: dict[str, np.ndarray], default: np.ndarray, rows: np.ndarray) -> float:
    scores = sum(
        np.array([*c.points, c.missing])[_places(c, columns[c.name][rows])] for c in card.characteristics
    )
    return float(roc_auc_score(1 - default[rows], scores))
