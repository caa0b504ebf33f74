"""How the aml model is trained: an isolation forest over the features, without labels."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from ml.artifacts.model import Model
from ml.domains.aml.features import AML
from ml.domains.aml.generator import END, generate_week
from ml.domains.aml.measured_features import country_features, round_trip_features
from ml.domains.payments.schema import Rate
from ml.domains.payments.training import NOT_INPUTS, event_columns, parsed_rows
from ml.features.bulk import compute
from ml.features.durations import DAY
from ml.features.spec import FeatureSet
from ml.modeling.anomaly import train_anomaly
from ml.modeling.training import Progress
from ml.preprocessing.tables import DataError

# What only a stored history can be asked for is missing in a table.
UNSEEN = frozenset(f.name for f in (*country_features(), *round_trip_features()))
BOOTSTRAP_SCALE = 0.25
WARM_UP = 60 * DAY  # before that, baselines of a table are about too little


def model_features(feature_set: FeatureSet = AML) -> tuple[str, ...]:
    """Names of the features that the model reads, in the order of the feature vector."""
    return tuple(name for name in feature_set.numbers if name not in UNSEEN)


def train_bootstrap(
    *,
    seed: int = 1,
    end: datetime = END,
    feature_set: FeatureSet = AML,
    threads: int = 1,
    progress: Progress = lambda message: None,
) -> tuple[Model, dict[str, Any]]:
    """A model for an installation without history, and its report: of a small town's generated half year."""
    records = [event.record for event in generate_week(seed=seed, scale=BOOTSTRAP_SCALE, end=end)]
    return train_from_frame(
        pd.DataFrame(records),
        seed=seed,
        feature_set=feature_set,
        source="generated",
        threads=threads,
        path="generated data",
        progress=progress,
    )


def train_from_frame(
    frame: pd.DataFrame,
    *,
    seed: int,
    feature_set: FeatureSet = AML,
    source: str = "imported",
    rate: Rate | None = None,
    reporting_currency: str | None = None,
    threads: int = 1,
    path: str = "data",
    progress: Progress = lambda message: None,
) -> tuple[Model, dict[str, Any]]:
    """Train on a table of transactions (native or PaySim names); labels, if it has any, are not read.

    Raises DataError naming line and column of `path`, and TrainingRefused for too few rows.
    """
    source = "generated" if "scheme" in frame else source
    frame = frame.drop(columns=[name for name in NOT_INPUTS if name in frame])
    if not len(frame):
        raise DataError(path, "holds no rows")
    parsed = sorted(parsed_rows(frame, path), key=lambda values: values["occurred_at"])
    events = event_columns(parsed, rate=rate, reporting_currency=reporting_currency, path=path)
    times = events["occurred_at"]
    settled = times >= min(times[0] + WARM_UP, np.quantile(times, 0.5))
    X = compute(feature_set, events, {})[settled]
    return train_from_vectors(
        X,
        times[settled],
        seed=seed,
        feature_set=feature_set,
        source=source,
        threads=threads,
        progress=progress,
    )


def train_from_vectors(
    X: np.ndarray,
    times: np.ndarray,
    *,
    seed: int,
    feature_set: FeatureSet = AML,
    source: str = "stored",
    threads: int = 1,
    progress: Progress = lambda message: None,
) -> tuple[Model, dict[str, Any]]:
    """Train on whole feature vectors [n, numbers] and the times of their events [n], microseconds."""
    names = model_features(feature_set)
    places = np.array([feature_set.numbers.index(name) for name in names], dtype=np.intp)
    model, report = train_anomaly(
        X[:, places],
        feature_names=names,
        engine=feature_set.name,
        feature_set=feature_set.version,
        source=source,
        seed=seed,
        times=times,
        threads=threads,
        progress=progress,
    )
    added = feature_set.meanings(names)
    return model.with_card(base_feature_set=feature_set.base, added_features=added), report
