"""The champion and the rules, measured on the rows that the new model is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from ml.artifacts.model import Model
from ml.modeling.design import Vectors
from ml.modeling.report.document import Measured

AT_ONCE = 50_000


@dataclass(frozen=True)
class Rivals:
    """champion: its version and model; rules: bool [n], whether rules alone would alert each row."""

    champion: tuple[str, Model] | None = None
    rules: np.ndarray | None = None


@dataclass(frozen=True)
class Outcomes:
    """What the rivals said about the measured rows."""

    version: str
    probability: np.ndarray | None
    rules: np.ndarray | None


def measured_rivals(rivals: Rivals | None, vectors: Vectors | None, rows: np.ndarray) -> Outcomes:
    """The champion's probabilities need every feature it reads among the vectors."""
    if rivals is None:
        return Outcomes("", None, None)
    rules = None if rivals.rules is None else rivals.rules[rows]
    if rivals.champion is None or vectors is None or not len(rows):
        return Outcomes("", None, rules)
    version, model = rivals.champion
    place = {name: number for number, name in enumerate(vectors.names)}
    if any(name not in place for name in model.card.features):
        return Outcomes(version, None, rules)
    columns = [place[name] for name in model.card.features]
    parts = [
        model.predict(vectors.X[np.ix_(rows[start : start + AT_ONCE], columns)])
        for start in range(0, len(rows), AT_ONCE)
    ]
    return Outcomes(version, np.concatenate(parts), rules)


def rival_figures(outcomes: Outcomes, measured: Measured) -> dict[str, Any]:
    """The report's `champion` and `rules_alone`; null where they could not be asked."""
    y = measured.y
    champion = None
    if outcomes.probability is not None and len(outcomes.probability) == len(y):
        champion = {
            "version": outcomes.version,
            "metrics": {
                "roc_auc": round(float(roc_auc_score(y, outcomes.probability)), 6),
                "average_precision": round(float(average_precision_score(y, outcomes.probability)), 6),
            },
        }
    rules = None
    if outcomes.rules is not None and len(outcomes.rules) == len(y):
        alerted = int(outcomes.rules.sum())
        found = int(y[outcomes.rules].sum())
        rules = {
            "precision": round(found / alerted, 6) if alerted else None,
            "recall": round(found / max(int(y.sum()), 1), 6),
            "alerts": alerted,
        }
    return {"champion": champion, "rules_alone": rules}
