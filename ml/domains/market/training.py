"""How the market model is trained: an isolation forest over five features, without labels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd

from ml.artifacts.model import Model
from ml.domains.fields import RecordRefused
from ml.domains.market.features import MARKET, MODEL_FEATURES
from ml.domains.market.generator import WEEK_OF, generate_week
from ml.domains.market.replay import vectors
from ml.domains.market.schema import parse
from ml.domains.market.settings import SETTINGS
from ml.domains.moments import microseconds
from ml.features.spec import FeatureSet
from ml.modeling.anomaly import train_anomaly
from ml.modeling.training import Progress
from ml.preprocessing.tables import DataError, line_of, records

ANY_TIME = datetime(9999, 12, 30, tzinfo=UTC)  # history has no future
NOT_INPUTS = ("is_fraud", "isFraud", "label", "scheme")
BOOTSTRAP_SCALE = 0.5


def model_features() -> tuple[str, ...]:
    """Names of the features that the model reads."""
    return MODEL_FEATURES


def train_bootstrap(
    *,
    seed: int = 1,
    week_of: date = WEEK_OF,
    threads: int = 1,
    progress: Progress = lambda message: None,
) -> tuple[Model, dict[str, Any]]:
    """A model for an installation without history, and its report: of a generated week of trading."""
    events = [event.record for event in generate_week(seed=seed, scale=BOOTSTRAP_SCALE, week_of=week_of)]
    parsed = [parse(record, now=ANY_TIME) for record in events]
    return _trained(parsed, seed=seed, source="generated", threads=threads, progress=progress)


def train_from_frame(
    frame: pd.DataFrame,
    *,
    seed: int,
    source: str = "imported",
    threads: int = 1,
    path: str = "data",
    progress: Progress = lambda message: None,
) -> tuple[Model, dict[str, Any]]:
    """Train on a table of market events; labels, if it has any, are not read.

    Raises DataError naming line and column of `path`, and TrainingRefused for too few rows.
    """
    source = "generated" if "scheme" in frame else source
    parsed = _parsed(frame.drop(columns=[name for name in NOT_INPUTS if name in frame]), path)
    return _trained(parsed, seed=seed, source=source, threads=threads, progress=progress)


def _parsed(frame: pd.DataFrame, path: str) -> list[dict[str, Any]]:
    is_text = all(not pd.api.types.is_numeric_dtype(frame[name]) for name in frame)
    parsed = []
    for row, record in zip(frame.index, records(frame), strict=True):
        try:
            values = parse(record, now=ANY_TIME, text=is_text)
        except RecordRefused as refused:
            first = refused.problems[0]
            raise DataError(path, first.detail, line=line_of(row), column=first.field or None) from None
        if "occurred_at" not in values:
            raise DataError(path, "is needed for history", line=line_of(row), column="occurred_at")
        parsed.append(values)
    return sorted(parsed, key=lambda values: values["occurred_at"])


def _trained(
    parsed: list[Mapping[str, Any]], *, seed: int, source: str, threads: int, progress: Progress
) -> tuple[Model, dict[str, Any]]:
    times = np.array([microseconds(values["occurred_at"]) for values in parsed], np.int64)
    return train_from_vectors(
        vectors(parsed, SETTINGS), times, seed=seed, source=source, threads=threads, progress=progress
    )


def train_from_vectors(
    X: np.ndarray,
    times: np.ndarray,
    *,
    seed: int,
    feature_set: FeatureSet = MARKET,
    source: str = "stored",
    threads: int = 1,
    progress: Progress = lambda message: None,
) -> tuple[Model, dict[str, Any]]:
    """Train on whole feature vectors [n, numbers] and the times of their events [n], microseconds.

    Rows before a symbol has earlier days say nothing about what is usual, and are left out.
    """
    X = X[:, [feature_set.numbers.index(name) for name in MODEL_FEATURES]]
    settled = ~np.isnan(X[:, MODEL_FEATURES.index("return_sd_20d")])
    return train_anomaly(
        X[settled],
        feature_names=MODEL_FEATURES,
        engine=feature_set.name,
        feature_set=feature_set.version,
        source=source,
        seed=seed,
        times=times[settled],
        threads=threads,
        progress=progress,
    )
