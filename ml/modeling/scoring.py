"""Score a history with a model: every row with the events and the labels known at its moment."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ml.artifacts.model import Model
from ml.features.spec import FeatureSet
from ml.history.encoders import Encoder
from ml.history.features import matrix, names_of
from ml.history.history import History
from ml.history.live import live_matrix
from ml.history.plan import Plan

AT_ONCE = 50_000

Progress = Callable[[str], None]


class ScoringRefused(ValueError):
    """A model that cannot score a history; the message says what is missing."""


def score_rows(
    model: Model,
    history: History,
    *,
    live: FeatureSet | None = None,
    from_time: int | None = None,
    until_time: int | None = None,
    progress: Progress = lambda message: None,
) -> tuple[np.ndarray, np.ndarray]:
    """(row numbers in order of time, probabilities). `live`: the feature set of a model without encoders.

    Rows outside the window are history for those inside. Raises ScoringRefused.
    """
    rows = _rows(history, from_time, until_time)
    if not len(rows):
        return rows, np.empty(0)
    try:
        names, X, encoder = _vectors(model, history, live, progress)
    except ValueError as error:
        raise ScoringRefused(str(error)) from error
    place = {name: number for number, name in enumerate(names)}
    own = [name for name in model.card.features if encoder is None or name not in encoder.names]
    if missing := [name for name in own if name not in place]:
        raise ScoringRefused(f"history {history.name} gives no {', '.join(missing[:5])}; the model reads it")
    columns = [place[name] for name in own]
    made = []
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        values = X[np.ix_(some, columns)]
        made.append(model.predict(values if encoder is None else np.hstack([values, encoder.values(some)])))
        progress(f"{min(start + AT_ONCE, len(rows)):,} of {len(rows):,} rows scored")
    return rows, np.concatenate(made)


def write_scores(path: Path, ids: np.ndarray, probability: np.ndarray) -> None:
    """CSV of id and score, whole or not at all; scores keep every digit, so that no two are made equal."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        with temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("id", "score"))
            writer.writerows(zip(ids.tolist(), map(repr, probability.tolist()), strict=True))
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _rows(history: History, from_time: int | None, until_time: int | None) -> np.ndarray:
    if history.times is None:
        if from_time is not None or until_time is not None:
            raise ScoringRefused(f"history {history.name} has no time: a window cannot be applied to it")
        return np.arange(len(history))
    times = np.asarray(history.times)
    first = 0 if from_time is None else int(np.searchsorted(times, from_time, "left"))
    last = len(times) if until_time is None else int(np.searchsorted(times, until_time, "left"))
    return np.arange(first, max(last, first))


def _vectors(
    model: Model, history: History, live: FeatureSet | None, progress: Progress
) -> tuple[tuple[str, ...], np.ndarray, Encoder | None]:
    kept: Any = model.encoders
    if kept is None:
        if live is None:
            raise ScoringRefused(f"{model.card.name} was not trained on an imported history")
        return *live_matrix(history, live, progress), None
    plan = Plan.from_json(kept["plan"])
    encoder = Encoder.from_json(kept["encoder"], history) if kept.get("encoder") else None
    return names_of(plan), matrix(history, plan, progress=progress), encoder
