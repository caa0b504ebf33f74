"""How the default model is trained: gradient boosting on what the scorecard reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from ml.artifacts.model import Model
from ml.domains.credit.features import CREDIT
from ml.domains.credit.generator import generate
from ml.domains.credit.schema import CONTEXT, encode, parse
from ml.domains.fields import RecordRefused
from ml.domains.moments import microseconds
from ml.features.bulk import compute
from ml.features.columns import APPLICATION_COLUMNS
from ml.features.spec import NULL
from ml.modeling.training import train
from ml.preprocessing.tables import DataError, line_of, records

LABEL = "default"
ANY_TIME = datetime(9999, 12, 30, tzinfo=UTC)
UNREAD = frozenset({"public_records", "public_record_months"})  # the state of both is read
MATURITY = 0  # a training set's outcomes are known; nothing in its features depends on labels
CANDIDATES = ("lightgbm", "logistic_regression")


def model_features() -> tuple[str, ...]:
    """Names of the features that the default model reads."""
    return tuple(name for name in CREDIT.numbers if name not in UNREAD)


def train_bootstrap(*, seed: int = 1, progress: Callable[[str], None] = lambda message: None) -> Model:
    """A default model for an installation without history, of 4,000 generated applications."""
    return train_from_frame(generate(seed=seed), seed=seed, source="generated", progress=progress)


def train_from_frame(
    frame: pd.DataFrame,
    *,
    seed: int,
    source: str = "imported",
    path: str = "data",
    progress: Callable[[str], None] = lambda message: None,
) -> Model:
    """Train on a table of applications with the column `default`. Raises DataError, TrainingRefused."""
    X, y, times = features_and_labels(frame, path=path)
    names = model_features()
    place = [CREDIT.numbers.index(name) for name in names]
    return train(
        X[:, place],
        y,
        feature_names=names,
        times=times,
        known_at=times + MATURITY,
        seed=seed,
        engine=CREDIT.name,
        feature_set=CREDIT.version,
        source=source,
        candidates=CANDIDATES,
        trees=120,
        progress=progress,
    )


def features_and_labels(
    frame: pd.DataFrame, *, path: str = "data"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(X float64 [n, numbers], y [n] of 1, 0 or -1, times [n] in microseconds), in order of time."""
    if LABEL not in frame:
        raise DataError(path, f"has no column '{LABEL}' (0 or 1) to learn from")
    y = pd.to_numeric(frame[LABEL], errors="coerce").fillna(-1).to_numpy(dtype=np.int64)
    parsed = _parsed(frame.drop(columns=[LABEL]), path)
    order = np.argsort([microseconds(row["occurred_at"]) for row in parsed], kind="stable")
    rows = [_row(parsed[place]) for place in order]
    events = {
        name: np.array([NULL if row.get(name) is None else row[name] for row in rows], np.int64)
        for name in (*APPLICATION_COLUMNS, *CONTEXT)
    }
    events["id"] = np.arange(1, len(rows) + 1, dtype=np.int64)
    return compute(CREDIT, events), y[order], events["occurred_at"]


def _row(values: dict[str, Any]) -> dict[str, int | None]:
    moment = values["occurred_at"]
    return encode(values, moment) | {"occurred_at": microseconds(moment)}


def _parsed(frame: pd.DataFrame, path: str) -> list[dict[str, Any]]:
    is_text = all(not pd.api.types.is_numeric_dtype(frame[name]) for name in frame)
    found = []
    for row, record in zip(frame.index, records(frame), strict=True):
        try:
            values = parse(_whole(record), now=ANY_TIME, text=is_text)
        except RecordRefused as refused:
            first = refused.problems[0]
            raise DataError(path, first.detail, line=line_of(row), column=first.field or None) from None
        values.setdefault("occurred_at", datetime(2026, 1, 1, tzinfo=UTC))
        found.append(values)
    return found


def _whole(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in record.items()}
