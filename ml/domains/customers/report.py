"""What the training of an unpaid-debt model measured, in the form of every model report."""

from __future__ import annotations

from typing import Any

import numpy as np

from ml.artifacts.model import Model
from ml.explainability.batch import contributions
from ml.modeling.report.document import figures
from ml.modeling.splits import split


def report_of(model: Model, X: np.ndarray, y: np.ndarray, seed: int) -> dict[str, Any]:
    """Figures of the rows that training left untouched. X [n, K], y [n]: all the rows that it was given."""
    parts = split(y, None, None, seed)  # the same seed gives the parts that it was trained with
    tested, labels = X[parts.test], y[parts.test]
    card = model.card
    return {
        "schema": 1,
        "data": {
            "source": card.source,
            "rows": len(y),
            "positives": int(y.sum()),
            "split": {
                "kind": parts.kind,
                "train": len(parts.train),
                "validation": len(parts.validation),
                "test": len(parts.test),
            },
            "warnings": list(card.notes),
        },
        **figures(labels, model.predict(tested), times=None, amounts=None, entity=None, seed=seed),
        "importance": _importance(model, tested),
        "candidates": [
            {"name": name, "average_precision": value, "parameters": {}}
            for name, value in sorted(card.candidates.items(), key=lambda item: -item[1])
        ],
    }


def _importance(model: Model, X: np.ndarray) -> list[dict[str, Any]]:
    """Each feature's share of all contributions, the largest first."""
    size = np.abs(contributions(model, X)).mean(axis=0)
    shares = size / (size.sum() or 1.0)
    order = np.argsort(-shares, kind="stable")
    return [{"feature": model.card.features[i], "share": round(float(shares[i]), 6)} for i in order]
