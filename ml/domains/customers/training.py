"""How the unpaid-debt model is trained: from a table of labelled customers, or a generated one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from ml.artifacts.model import Model
from ml.data_generation.customers import generate_customers
from ml.domains.customers.features import CUSTOMERS, model_features, vectors
from ml.domains.customers.schema import LABELS, READER, attributes_of, not_taken_in
from ml.domains.fields import RecordRefused
from ml.domains.readers import Context
from ml.modeling.training import Progress, train
from ml.preprocessing.labels import labels_of
from ml.preprocessing.tables import DataError, line_of, records

BOOTSTRAP = {"rows": 10_000, "fraud_rate": 0.05}
# Both tell the reasons of 10,000 customers within two seconds; forests and histograms take many times that.
CANDIDATES = ("lightgbm", "logistic_regression")
TREES = 60  # more rank no better here, and each costs explanations
WITHHELD = 0.05


def generated(seed: int) -> dict[str, Any]:
    """What stands in for labelled customers where there are none, as arguments of a training."""
    frame = generate_customers(seed=seed, **BOOTSTRAP)
    return {"frame": frame, "seed": seed, "source": "generated", "path": "generated data"}


def train_bootstrap(*, seed: int = 1, **options: Any) -> Model:
    """A model of 10,000 generated customers, 5% of them fraud; options as of train_from_frame."""
    return train_from_frame(**generated(seed), **options)


def train_from_frame(frame: pd.DataFrame, **options: Any) -> Model:
    """The model of `train_reported`, without its report."""
    return _trained(frame, **options)[0]


def train_reported(frame: pd.DataFrame, *, seed: int, **options: Any) -> tuple[Model, dict[str, Any]]:
    """Train on a table of customers, and measure on its untouched rows; see `_trained`."""
    from ml.domains.customers.report import report_of

    model, X, y = _trained(frame, seed=seed, **options)
    return model, report_of(model, X, y, seed)


def _trained(
    frame: pd.DataFrame,
    *,
    seed: int,
    allowed: Collection[str] = (),
    source: str = "imported",
    candidates: Sequence[str] = CANDIDATES,
    threads: int = 1,
    path: str = "data",
    progress: Progress = lambda text: None,
) -> tuple[Model, np.ndarray, np.ndarray]:
    """Train on a table of customers with a label column: (model, X and y of the rows with a known label).

    `allowed`: demographics that may be read. Raises DataError naming line and column of `path`, and
    TrainingRefused when it cannot teach a model.
    """
    rows, y = labelled_customers(frame, allowed=allowed, path=path, progress=progress)
    names = _present(model_features(allowed), rows)
    if not names:
        raise DataError(path, "has no column that the model reads")
    known = y >= 0
    X, y = _with_gaps(vectors(rows, names), seed)[known], y[known]
    progress(f"{len(y):,} customers, {int((y == 1).sum()):,} left debts unpaid, {len(names)} features")
    model = train(
        X,
        y,
        feature_names=names,
        times=None,
        seed=seed,
        engine=CUSTOMERS.name,
        feature_set=CUSTOMERS.version,
        source=source,
        candidates=candidates,
        threads=threads,
        trees=TREES,
        progress=progress,
    )
    return model, X, y


def labelled_customers(
    frame: pd.DataFrame, *, allowed: Collection[str], path: str, progress: Progress = lambda text: None
) -> tuple[list[dict[str, Any]], np.ndarray]:
    """(attributes of every row, y [n] of 1, 0 or -1); columns that are not taken in are told and left out."""
    label = next((name for name in LABELS if name in frame), None)
    if label is None:
        raise DataError(path, f"has no label column; one of {', '.join(LABELS)} is needed")
    y = labels_of(frame, label, path)
    left_out = not_taken_in(map(str, frame.columns), allowed)
    for name, reason in left_out.items():
        progress(f"column {name} is left out: it {reason}")
    inputs = frame.drop(columns=[*left_out, *(name for name in LABELS if name in frame)])
    context = Context(datetime.now(UTC), text=_is_text(inputs))
    rows = []
    for row, record in zip(inputs.index, records(inputs), strict=True):
        record.setdefault("customer_id", f"row-{row}")
        try:
            rows.append(attributes_of(READER.read(record, context)))
        except RecordRefused as refused:
            first = refused.problems[0]
            raise DataError(path, first.detail, line=line_of(row), column=first.field or None) from None
    return rows, y


def _is_text(frame: pd.DataFrame) -> bool:
    """Whether nothing in it was read as a number: then it comes from a file, where "" means absent."""
    return not any(pd.api.types.is_numeric_dtype(frame[name]) for name in frame)


def _present(names: Sequence[str], rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """The features with a value in any row: a column that was never given teaches nothing."""
    known = ~np.isnan(vectors(rows, names)).all(axis=0)
    return tuple(name for name, given in zip(names, known, strict=True) if given)


def _with_gaps(X: np.ndarray, seed: int) -> np.ndarray:
    """Withhold a twentieth of the values of columns without gaps, so that a model learns what absence means.

    Trees that never saw a missing value read one as zero: an unknown income would be no income.
    """
    complete = ~np.isnan(X).any(axis=0)
    gaps = np.random.default_rng(seed).random(X.shape) < WITHHELD
    return np.where(gaps & complete, np.nan, X)
