"""What a model card says about the data a model was trained and measured on."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from ml.modeling.metrics import metrics
from ml.modeling.splits import Split
from ml.monitoring.bins import binned

PERCENTILES = (1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99)
LIBRARIES = ("numpy", "scikit-learn", "lightgbm", "joblib")
HASHED_ROWS = 5_000
QUANTILE_ROWS = 200_000  # more are thinned out evenly
SCORE_DIGITS = 6  # as decisions store them: a score that many rows share must keep its bin


def described(
    names: Sequence[str], X_train: np.ndarray, times: np.ndarray | None, parts: Split
) -> dict[str, Any]:
    """training_window, and every feature's bins, median and percentiles; none where it was always missing."""
    return described_rows(names, X_train, _window(times, parts))


def described_rows(names: Sequence[str], X_train: np.ndarray, window: dict[str, Any]) -> dict[str, Any]:
    """The same for rows and a window that the caller chose."""
    cuts = column_quantiles(X_train, PERCENTILES).T
    known = {name: row.tolist() for name, row in zip(names, cuts, strict=True) if not np.isnan(row).any()}
    middle = PERCENTILES.index(50)
    return {
        "training_window": window,
        "medians": {name: known[name][middle] if name in known else None for name in names},
        "percentiles": {name: tuple(known.get(name, ())) for name in names},
        "feature_bins": {name: binned(X_train[:, place]) for place, name in enumerate(names)},
    }


def notes(times: np.ndarray | None, parts: Split) -> tuple[str, ...]:
    """What a reader of the figures must know about how they came about."""
    if parts.kind == "time":
        return ()
    if times is None:
        return ("without times the split is random: figures may be better than the future will be",)
    return (
        "the split is random: by time, a part would hold too few rows of one class with known labels; "
        "figures may be better than the future will be",
    )


def measured(probability: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """metrics, score_percentiles, score_bins and prediction_hash of predictions for untouched rows."""
    return {
        "metrics": metrics(y, probability),
        "score_percentiles": tuple(np.percentile(probability, PERCENTILES).tolist()),
        "score_bins": binned(np.round(probability, SCORE_DIGITS)),
        "prediction_hash": prediction_hash(probability[:HASHED_ROWS]),
    }


def prediction_hash(probability: np.ndarray) -> str:
    """SHA-256 of predictions, rounded to what every machine's last bit agrees on."""
    return hashlib.sha256(np.round(probability, 9).astype("<f8").tobytes()).hexdigest()


def libraries() -> dict[str, str]:
    """Versions of everything that an artifact's bytes depend on."""
    versions = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return {"python": platform.python_version(), **versions}


def _window(times: np.ndarray | None, parts: Split) -> dict[str, object]:
    """Row counts of the parts and, for a time split, where each begins."""
    window: dict[str, object] = {
        "train_rows": len(parts.train),
        "validation_rows": len(parts.validation),
        "test_rows": len(parts.test),
    }
    if times is not None:
        window |= {"from": _iso(times.min()), "until": _iso(times.max())}
    if parts.kind == "time":
        window |= {"validation_from": _iso(parts.validation_start), "test_from": _iso(parts.test_start)}
    return window


def _iso(microseconds: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(microseconds))).isoformat()


def column_quantiles(X: np.ndarray, percent: Sequence[int]) -> np.ndarray:
    """[len(percent), K], nearest values, NaN for a column without values. Sorting puts NaN last."""
    X = X[:: -(-len(X) // QUANTILE_ROWS) or 1]
    ordered = np.sort(X, axis=0)
    present = (~np.isnan(X)).sum(axis=0)
    columns = np.arange(X.shape[1])
    rows = np.rint(np.array(percent)[:, None] / 100.0 * np.maximum(present - 1, 0)).astype(np.int64)
    return ordered[rows, columns]
