"""Scores of models in shadow, beside the champion's: never a part of the decision, never a reason to fail."""

import math
from collections.abc import Callable

import numpy as np
import structlog

from fraud_detection.predictor import Predictor
from fraud_detection.services.serving import Serving
from logs.metrics import SHADOW_FAILURES

Scores = dict[str, float | None]
log = structlog.get_logger(__name__)
_told: set[str] = set()  # models whose failure stands in this process's log already


def shadow_scores(serving: Serving, numbers: np.ndarray) -> Scores | None:
    """Probability by model version for one vector [K], null where one failed; None without shadows."""
    if not serving.shadows:
        return None
    return {shadow.version: _score(serving, shadow, numbers) for shadow in serving.shadows}


def shadow_scores_together(serving: Serving, numbers: np.ndarray) -> list[Scores | None]:
    """The same for the rows of a matrix [n, K]."""
    columns = {shadow.version: _column(serving, shadow, numbers) for shadow in serving.shadows}
    return [
        {version: column[place] for version, column in columns.items()} or None
        for place in range(len(numbers))
    ]


def _column(serving: Serving, shadow: Predictor, numbers: np.ndarray) -> list[float | None]:
    predicted = shadow.probabilities_or_none(numbers)
    if predicted is None or not np.isfinite(predicted).all():  # each row is asked alone
        return [_score(serving, shadow, row) for row in numbers]
    return [round(one, 6) for one in predicted]


def _score(serving: Serving, shadow: Predictor, numbers: np.ndarray) -> float | None:
    if shadow.fault is not None:
        return _failed(serving, shadow, log.warning, shadow.fault)
    try:
        probability = shadow.probability(numbers)
    except Exception as error:  # a foreign estimator may raise anything, and nobody waits for it
        return _failed(serving, shadow, log.exception, str(error))
    if not math.isfinite(probability):
        return _failed(serving, shadow, log.warning, f"its probability is {probability}")
    return round(probability, 6)


def _failed(serving: Serving, shadow: Predictor, tell: Callable[..., None], error: str) -> None:
    SHADOW_FAILURES.labels(serving.engine.name, shadow.version).inc()
    if shadow.version not in _told:
        _told.add(shadow.version)
        tell("shadow_failed", model=shadow.version, error=error)
