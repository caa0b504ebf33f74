"""What people who work alerts would find: the top k, a budget a day, the top entities of each day."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from ml.features.durations import DAY
from ml.features.spec import NULL
from ml.modeling.report.intervals import mean_interval

TOPS = (10, 50, 100, 200, 500, 1_000, 5_000)
BUDGETS = (5, 10, 25, 50, 100, 250, 500)
CARDS = 100


def at_k(y: ndarray, score: ndarray) -> list[dict[str, Any]]:
    """Precision and recall of the k highest scores."""
    found = np.cumsum(y[np.argsort(-score, kind="stable")])
    frauds = max(int(found[-1]), 1)
    return [
        {"k": k, "precision": round(int(found[k - 1]) / k, 6), "recall": round(int(found[k - 1]) / frauds, 6)}
        for k in TOPS
        if k <= len(y)
    ]


def per_day(y: ndarray, score: ndarray, times: ndarray | None) -> list[dict[str, Any]]:
    """Precision and recall when so many alerts a day are worked, each day's highest first."""
    if times is None:
        return []
    _, day = np.unique(times // DAY, return_inverse=True)
    order = np.lexsort((-score, day))
    starts = np.searchsorted(day[order], np.arange(day.max() + 1))
    place = np.arange(len(order)) - starts[day[order]]
    frauds = max(int(y.sum()), 1)
    made = []
    for budget in BUDGETS:
        worked = place < budget
        found = int(y[order][worked].sum())
        made.append(
            {"alerts_per_day": budget, "precision": round(found / max(int(worked.sum()), 1), 6),
             "recall": round(found / frauds, 6), "days": int(day.max() + 1)}
        )  # fmt: skip
        if place.max() < budget:
            break
    return made


def card_precision(
    y: ndarray, score: ndarray, times: ndarray | None, entity: ndarray | None, seed: int, k: int = CARDS
) -> dict[str, Any] | None:
    """Mean over days of the share of defrauded entities among the day's k highest; found ones leave.

    An entity's score of a day is its highest event's. Days with fewer than k entities still divide by k.
    """
    if times is None or entity is None:
        return None
    day, gone, shares = times // DAY, set(), []
    for rows in np.split(np.arange(len(y)), np.flatnonzero(np.diff(day)) + 1):
        rows = rows[(entity[rows] != NULL) & ~np.isin(entity[rows], np.array(list(gone), dtype=np.int64))]
        if not len(rows):
            continue
        names, code = np.unique(entity[rows], return_inverse=True)
        highest, defrauded = np.full(len(names), -np.inf), np.zeros(len(names), bool)
        np.maximum.at(highest, code, score[rows])
        np.logical_or.at(defrauded, code, y[rows] == 1)
        top = np.argsort(-highest, kind="stable")[:k]
        found = names[top][defrauded[top]]
        gone.update(found.tolist())
        shares.append(len(found) / k)
    if not shares:
        return None
    return {**mean_interval(np.array(shares), seed), "days": len(shares)}


def capacity(y: ndarray, score: ndarray, times: ndarray | None, share: float) -> dict[str, Any]:
    """The threshold at which a share of all events is alerted, and what it finds."""
    alerts = max(int(np.ceil(share * len(y))), 1)
    threshold = float(np.sort(score)[-alerts])
    days = None if times is None else max(len(np.unique(times // DAY)), 1)
    per = None if days is None else round(alerts / days, 2)
    return {"share": share, "alerts_per_day": per, **at_threshold(y, score, threshold)}


def at_threshold(y: ndarray, score: ndarray, threshold: float) -> dict[str, Any]:
    alerted = score >= threshold
    found = int(y[alerted].sum())
    return {
        "threshold": round(float(threshold), 6),
        "alerts": int(alerted.sum()),
        "precision": round(found / int(alerted.sum()), 6) if alerted.any() else None,
        "recall": round(found / max(int(y.sum()), 1), 6),
    }
