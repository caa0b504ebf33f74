"""The design of a history: what its plan computes, or what live events carry; useless columns left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np

from ml.history.encoders import encoded_names, encoder_of
from ml.history.features import matrix, names_of
from ml.history.history import History
from ml.history.plan import Plan
from ml.history.planning import plan_of
from ml.history.subjects import COLUMN
from ml.modeling.design import Design, Vectors
from ml.modeling.errors import TrainingRefused
from ml.modeling.fitting import Table
from ml.modeling.parts import Parts

MOST_FEATURES = 320  # the search takes minutes with more; the most useful are kept
SCREENED_ROWS = 40_000
LOOKED_AT = 20_000
CHUNK = 65_536

Progress = Callable[[str], None]


def designed(
    history: History, parts: Parts, *, vectors: Vectors | None, seed: int, progress: Progress
) -> tuple[Design, dict[str, Any]]:
    """The rows and features to train on, and what must be kept to compute them again."""
    y = np.asarray(history.y).astype(np.int64)
    weight = None if history.weight is None else np.asarray(history.weight, dtype=np.float64)
    if vectors is not None:
        design = Design(vectors.X, y, weight, vectors.names, ())
        return _useful(design, parts.folds[0][0], seed, progress), {}
    plan = plan_of(history, parts.folds[0][0], seed=seed)
    X, names = matrix(history, plan, progress=progress), names_of(plan)
    coded = {f"{COLUMN}{name}" for name in plan.codes}
    design = Design(X, y, weight, names, _places(names, coded))
    design = _useful(design, parts.folds[0][0], seed, progress, coded)
    if history.times is None and (encoded := encoded_names(history)):
        encoder = encoder_of(history, encoded)
        design = Design(design.X, y, weight, (*design.names, *encoder.names), design.categorical, encoder)
    if not design.names:
        raise TrainingRefused("no column is left to learn from: all are constant, ignored or identifiers")
    return design, {"plan": plan.as_json(), "columns": _read(plan)}


def _read(plan: Plan) -> list[str]:
    return sorted({*plan.numeric, *plan.codes})


def _places(names: tuple[str, ...], wanted: set[str]) -> tuple[int, ...]:
    return tuple(place for place, name in enumerate(names) if name in wanted)


def _useful(
    design: Design, train: np.ndarray, seed: int, progress: Progress, coded: set[str] = frozenset()
) -> Design:
    """Without columns that say nothing on training rows, and with no more than the search can take."""
    keep = _varying(design.X, train, seed)
    if keep.sum() > MOST_FEATURES:
        progress(f"{int(keep.sum()):,} features: keeping the {MOST_FEATURES} that say most")
        keep = _screened(design, keep, train, seed)
    names = tuple(name for name, kept in zip(design.names, keep, strict=True) if kept)
    X = design.X if keep.all() else _compacted(design.X, keep)
    return Design(X, design.y, design.weight, names, _places(names, coded))


def _varying(X: np.ndarray, train: np.ndarray, seed: int) -> np.ndarray:
    some = X[_some(train, LOOKED_AT, seed)]
    missing = np.isnan(some)
    low = np.where(missing, np.inf, some).min(axis=0)
    high = np.where(missing, -np.inf, some).max(axis=0)
    return (high > low) | (missing.any(axis=0) & ~missing.all(axis=0))


def _screened(design: Design, keep: np.ndarray, train: np.ndarray, seed: int) -> np.ndarray:
    table = Table(design.X, design.y)
    rows = train
    if len(train) > SCREENED_ROWS:
        frauds, others = train[design.y[train] == 1], train[design.y[train] == 0]
        rows = np.union1d(_some(frauds, SCREENED_ROWS // 2, seed), _some(others, SCREENED_ROWS // 2, seed))
    columns = np.flatnonzero(keep)
    booster = lightgbm.train(
        {"objective": "binary", "num_leaves": 15, "learning_rate": 0.1, "feature_fraction": 0.3,
         "seed": seed, "num_threads": 1, "deterministic": True, "force_row_wise": True, "verbosity": -1},
        lightgbm.Dataset(table.X[np.ix_(rows, columns)], table.y[rows]),
        100,
    )  # fmt: skip
    gain = booster.feature_importance("gain")
    result = np.zeros(len(keep), bool)
    result[columns[np.argsort(-gain, kind="stable")[:MOST_FEATURES]]] = True
    return result


def _some(rows: np.ndarray, most: int, seed: int) -> np.ndarray:
    return (
        rows if len(rows) <= most else np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
    )


def _compacted(X: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """X[:, keep] in the memory of X: a second matrix of a million rows would not fit beside it."""
    columns, flat, written = np.flatnonzero(keep), X.reshape(-1), 0
    for start in range(0, len(X), CHUNK):
        part = X[start : start + CHUNK][:, columns]
        flat[written : written + part.size] = part.reshape(-1)
        written += part.size
    return flat[:written].reshape(len(X), len(columns))
