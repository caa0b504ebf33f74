"""The candidate classifiers. Each factory fits on X [n, K] float64 with NaN for missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import lightgbm
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from ml.artifacts.scorers import BoosterScorer, EstimatorScorer

Scorer = BoosterScorer | EstimatorScorer


@dataclass(frozen=True)
class Part:
    """Rows to fit on: X [n, K], y [n], and the validation rows that choose how long to boost."""

    X: np.ndarray
    y: np.ndarray
    X_validation: np.ndarray
    y_validation: np.ndarray
    centre: np.ndarray


@dataclass(frozen=True)
class Effort:
    """How much a training may cost. On a busy machine two threads that wait for each other lose to one."""

    seed: int
    threads: int = 1
    trees: int = 300
    learning_rate: float = 0.06


def fit_lightgbm(part: Part, effort: Effort) -> BoosterScorer:
    """Depth-bounded boosting; of four lengths the one that ranks the validation rows best.

    Without class weights: they rank rare frauds worse (measured), and calibration needs none.
    """
    parameters = {
        "objective": "binary",
        "learning_rate": effort.learning_rate,
        "num_leaves": 24,
        "max_depth": 6,
        "min_data_in_leaf": min(20, max(5, len(part.y) // 200)),
        "max_bin": 1023,  # 255 bins blur sharp thresholds on amounts
        "feature_fraction": 0.4,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "seed": effort.seed,
        "num_threads": effort.threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    rows = lightgbm.Dataset(part.X, part.y, params=parameters)
    booster = lightgbm.train(parameters, rows, effort.trees)
    length = max(_lengths(effort.trees), key=lambda trees: _average_precision(booster, part, trees))
    # from text: without the training data, and cut at the chosen length
    return BoosterScorer(lightgbm.Booster(model_str=booster.model_to_string(num_iteration=length)))


def _lengths(trees: int) -> list[int]:
    return sorted({max(trees * quarter // 4, 1) for quarter in (1, 2, 3, 4)})


def _average_precision(booster: lightgbm.Booster, part: Part, trees: int) -> float:
    raw = booster.predict(part.X_validation, raw_score=True, num_iteration=trees, num_threads=1)
    return float(average_precision_score(part.y_validation, raw))


def fit_hist_gradient_boosting(part: Part, effort: Effort) -> EstimatorScorer:
    model = HistGradientBoostingClassifier(
        max_iter=min(effort.trees, 150),
        learning_rate=0.1,
        max_leaf_nodes=15,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=effort.seed,
    )
    return EstimatorScorer(model.fit(part.X, part.y), part.centre)


def fit_random_forest(part: Part, effort: Effort) -> EstimatorScorer:
    forest = RandomForestClassifier(
        n_estimators=min(effort.trees, 100),
        max_depth=12,
        min_samples_leaf=5,
        max_features="sqrt",
        class_weight="balanced_subsample",
        max_samples=0.5,
        random_state=effort.seed,
        n_jobs=effort.threads,
    )
    forest.fit(part.X, part.y)
    forest.set_params(n_jobs=1)
    return EstimatorScorer(forest, part.centre)


def fit_logistic_regression(part: Part, effort: Effort) -> EstimatorScorer:
    pipeline = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        FunctionTransformer(_compressed),
        StandardScaler(),
        LogisticRegression(C=0.1, max_iter=300, random_state=effort.seed),
    )
    return EstimatorScorer(pipeline.fit(part.X, part.y), part.centre)


def _compressed(X: np.ndarray) -> np.ndarray:
    """Signed logarithm: amounts and counts spread over many magnitudes."""
    return np.sign(X) * np.log1p(np.abs(X))


CANDIDATES: dict[str, Callable[[Part, Effort], Scorer]] = {
    "lightgbm": fit_lightgbm,
    "hist_gradient_boosting": fit_hist_gradient_boosting,
    "random_forest": fit_random_forest,
    "logistic_regression": fit_logistic_regression,
}
