"""Figures of parts of the rows: by amount, by whether the entity is known, by category."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy import ndarray
from sklearn.metrics import average_precision_score, roc_auc_score

from ml.history.extras import amounts
from ml.history.history import History
from ml.modeling.report.intervals import auc_interval

MOST_WORDS = 12
MOST_COLUMNS = 6
LEAST_ROWS = 50
LEAST_FRAUDS = 5


def segments(history: History, rows: ndarray, y: ndarray, score: ndarray) -> list[dict[str, Any]]:
    """ROC AUC with its interval and average precision of every segment of some size with both classes."""
    made = []
    for segment, value, inside in _parts(history, rows):
        frauds, others = int(y[inside].sum()), int((1 - y[inside]).sum())
        if frauds + others < LEAST_ROWS or frauds < LEAST_FRAUDS or not others:
            continue
        auc = float(roc_auc_score(y[inside], score[inside]))
        low, high = auc_interval(auc, frauds, others)
        made.append(
            {"segment": segment, "value": value, "n": frauds + others, "positives": frauds,
             "roc_auc": round(auc, 6), "low": round(low, 6), "high": round(high, 6),
             "average_precision": round(float(average_precision_score(y[inside], score[inside])), 6)}
        )  # fmt: skip
    return made


def _parts(history: History, rows: ndarray) -> Iterator[tuple[str, str, ndarray]]:
    if "amount" in history.roles:
        yield from _bands(amounts(history)[rows])
    if {"entity", "time"} <= set(history.roles):
        yield from _novelty(np.asarray(history.events["sender_key"]), rows)
    shown = [item for item in history.categorical.items() if 1 < len(item[1][1]) <= MOST_WORDS]
    for name, (codes, words) in shown[:MOST_COLUMNS]:
        here = np.asarray(codes)[rows]
        for code, word in enumerate(words):
            yield name, word, here == code


def _bands(money: ndarray) -> Iterator[tuple[str, str, ndarray]]:
    known = money[~np.isnan(money)]
    if not len(known):
        return
    edges = np.unique(np.quantile(known, (0.25, 0.5, 0.75)))
    band = np.searchsorted(edges, money, side="left")
    texts = [f"up to {edges[0]:,.2f}"]
    texts += [f"{low:,.2f} to {high:,.2f}" for low, high in pairwise(edges)]
    for number, text in enumerate([*texts, f"above {edges[-1]:,.2f}"]):
        yield "amount", text, (band == number) & ~np.isnan(money)


def _novelty(entity: ndarray, rows: ndarray) -> Iterator[tuple[str, str, ndarray]]:
    """Entities first met in the measured rows, and those with earlier events."""
    known = np.isin(entity[rows], entity[: rows[0]])
    yield "entity", "seen before these rows", known
    yield "entity", "first met in these rows", ~known
