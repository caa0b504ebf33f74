"""The features that raised a score most, as stable codes and sentences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ml.artifacts.model import Model
from ml.explainability.wording import phrase
from ml.features.spec import FeatureSet


class Contribution(NamedTuple):
    """What one value of the feature vector added to the score, in log-odds."""

    feature: str
    value: float
    contribution: float


class Reason(NamedTuple):
    """contribution: log-odds that this value added to the score."""

    code: str
    text: str
    contribution: float


def reason_code(feature: str) -> str:
    """The stable code of a model reason: M_SENDER_COUNT_1H."""
    return f"M_{feature.upper()}"


def top_contributions(model: Model, x: np.ndarray, k: int) -> list[Contribution]:
    """The at most k values of x [K] that raised the score, the strongest first."""
    added = model.contributions(x)
    order = np.argsort(-added, kind="stable")[:k]
    return [Contribution(model.card.features[i], float(x[i]), float(added[i])) for i in order if added[i] > 0]


def reasons(model: Model, feature_set: FeatureSet, x: np.ndarray, k: int = 5) -> list[Reason]:
    """At most k reasons for the score of x [K], the strongest first, each against the training median."""
    return [
        Reason(
            reason_code(name),
            phrase(feature_set.feature(name), value, model.card.medians.get(name)),
            round(contribution, 6),
        )
        for name, value, contribution in top_contributions(model, x, k)
    ]
