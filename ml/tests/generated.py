"""Small generated data and models, made once per test process."""

from functools import cache

import numpy as np
import pandas as pd

from ml.artifacts import Model
from ml.domains.payments.generator import generate
from ml.domains.payments.training import features_and_labels, train_from_frame
from ml.modeling.training import train

SIZE = {"customers": 130, "days": 60, "fraud_rate": 0.05, "seed": 5}
NAMES = tuple(f"f{number}" for number in range(8))


@cache
def payments_frame() -> pd.DataFrame:
    return generate(**SIZE)


@cache
def payments_vectors() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return features_and_labels(payments_frame())


@cache
def payments_model() -> Model:
    return train_from_frame(payments_frame(), seed=3, candidates=("lightgbm",), trees=40, source="generated")


def table(rows: int = 3_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """X with missing values, y that depends on it, and times one hour apart."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, len(NAMES)))
    log_odds = 2.0 * X[:, 0] + 1.5 * X[:, 1] * X[:, 2] - 3.5
    X[rng.random(X.shape) < 0.1] = np.nan
    y = (log_odds + rng.logistic(size=rows) > 0).astype(np.int64)
    return X, y, np.arange(rows, dtype=np.int64) * 3_600_000_000


@cache
def small_model(candidate: str = "lightgbm") -> Model:
    X, y, times = table()
    return train(
        X, y, feature_names=NAMES, times=times, seed=1, engine="payments", candidates=(candidate,), trees=40
    )
