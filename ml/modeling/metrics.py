"""How good probabilities are, on rows that took no part in training, choosing or calibrating."""

from __future__ import annotations

import math

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

ALERT_BUDGET = 0.01


def metrics(
    y: np.ndarray, probability: np.ndarray, *, alert_budget: float = ALERT_BUDGET
) -> dict[str, float]:
    """Measures of one model. y: 0 or 1 [n]; alert_budget: the share of rows people can look at."""
    alerts = max(math.ceil(alert_budget * len(y)), 1)
    ranked = np.argsort(-probability, kind="stable")[:alerts]
    found = int(y[ranked].sum())
    frauds = int(y.sum())
    return {
        "rows": len(y),
        "frauds": frauds,
        "base_rate": float(y.mean()),
        "roc_auc": float(roc_auc_score(y, probability)),
        "average_precision": float(average_precision_score(y, probability)),
        "brier": float(brier_score_loss(y, probability)),
        "mean_probability": float(probability.mean()),
        "alert_budget": alert_budget,
        "alerts": alerts,
        "alert_threshold": float(probability[ranked[-1]]),
        "precision_at_budget": found / alerts,
        "recall_at_budget": found / frauds,
    }
