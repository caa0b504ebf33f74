"""Fit a recipe on a table. Tables are float32 with NaN for missing; some columns hold codes of categories."""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm
import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from ml.artifacts.scorers import BlendScorer, BoosterScorer, EstimatorScorer
from ml.modeling.recipes import Recipe

Scorer = BoosterScorer | EstimatorScorer | BlendScorer
MOST_ROWS = 300_000  # for all but LightGBM, which alone keeps a byte a value


@dataclass(frozen=True)
class Table:
    """X float32 [n, K]; y 0 or 1 [n]; weight float [n] or None; categorical: columns that hold codes."""

    X: np.ndarray
    y: np.ndarray
    weight: np.ndarray | None = None
    categorical: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.y)

    def sampled(self, most: int, seed: int) -> Table:
        """At most so many rows: every fraud up to half of them, and legitimate rows that weigh for all."""
        if len(self) <= most:
            return self
        rows, weight = sample(self.y, most, seed)
        weight = weight if self.weight is None else weight * self.weight[rows]
        return Table(self.X[rows], self.y[rows], weight, self.categorical)


def sample(y: np.ndarray, most: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(rows, their weights): a sample in which rare frauds are kept, weighing like the whole."""
    rng = np.random.default_rng(seed)
    frauds, others = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    kept_frauds = frauds if len(frauds) <= most // 2 else rng.choice(frauds, most // 2, replace=False)
    left = most - len(kept_frauds)
    kept_others = others if len(others) <= left else rng.choice(others, left, replace=False)
    rows = np.concatenate([kept_frauds, kept_others])
    weights = np.concatenate(
        [np.full(len(kept_frauds), len(frauds) / max(len(kept_frauds), 1)),
         np.full(len(kept_others), len(others) / max(len(kept_others), 1))]
    )  # fmt: skip
    order = np.argsort(rows)
    return rows[order], weights[order]


def fit(recipe: Recipe, table: Table, *, seed: int, threads: int) -> Scorer:
    """A fitted scorer; the same recipe, table and seed give the same one."""
    if recipe.bags > 1:
        single = Recipe(recipe.name, recipe.family, recipe.parameters, recipe.trees)
        parts = tuple(
            fit(single, table, seed=seed + 1_000 * bag, threads=threads) for bag in range(recipe.bags)
        )
        return BlendScorer(parts, (1.0 / recipe.bags,) * recipe.bags, centre_of(table.X))
    with threadpool_limits(threads):
        return _FITTERS[recipe.family](recipe, table, seed, threads)


def centre_of(X: np.ndarray) -> np.ndarray:
    """Medians [K] that explanations compare with, 0 where nothing is known."""
    some = X[:: max(len(X) // 20_000, 1)]
    ordered = np.sort(some, axis=0)  # NaN last
    present = (~np.isnan(some)).sum(axis=0)
    middle = ordered[np.maximum(present - 1, 0) // 2, np.arange(X.shape[1])]
    return np.nan_to_num(middle, nan=0.0).astype(np.float64)


def _fit_lightgbm(recipe: Recipe, table: Table, seed: int, threads: int) -> BoosterScorer:
    parameters = {
        "objective": "binary",
        "bagging_freq": 1,
        "max_bin": 255,
        "max_cat_to_onehot": 8,
        "cat_smooth": 20.0,
        "verbosity": -1,
        "deterministic": True,
        "force_row_wise": True,
        "feature_pre_filter": False,
        **recipe.parameters,
        "seed": seed,
        "num_threads": threads,
    }
    rows = lightgbm.Dataset(
        table.X, table.y, weight=table.weight, params=parameters,
        categorical_feature=list(table.categorical) or "auto",
    )  # fmt: skip
    booster = lightgbm.train(parameters, rows, recipe.trees)
    return BoosterScorer(lightgbm.Booster(model_str=booster.model_to_string()))


def _fit_hist_gradient_boosting(recipe: Recipe, table: Table, seed: int, threads: int) -> EstimatorScorer:
    table = table.sampled(MOST_ROWS, seed)
    model = HistGradientBoostingClassifier(
        max_iter=recipe.trees, early_stopping=False, random_state=seed,
        categorical_features=list(table.categorical) or None, **recipe.parameters,
    )  # fmt: skip
    model.fit(table.X, table.y, sample_weight=table.weight)
    return EstimatorScorer(model, centre_of(table.X))


def _fit_random_forest(recipe: Recipe, table: Table, seed: int, threads: int) -> EstimatorScorer:
    table = table.sampled(MOST_ROWS // 3, seed)
    forest = RandomForestClassifier(
        n_estimators=recipe.trees, max_features="sqrt", class_weight="balanced_subsample",
        max_samples=min(1.0, 40_000 / len(table)), random_state=seed, n_jobs=threads, **recipe.parameters,
    )  # fmt: skip
    forest.fit(table.X, table.y, sample_weight=table.weight)
    forest.set_params(n_jobs=1)
    return EstimatorScorer(forest, centre_of(table.X))


def _fit_logistic_regression(recipe: Recipe, table: Table, seed: int, threads: int) -> EstimatorScorer:
    table = table.sampled(MOST_ROWS // 6, seed)
    words = list(table.categorical)
    numbers = [column for column in range(table.X.shape[1]) if column not in set(words)]
    compressed = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        FunctionTransformer(_compressed),
        StandardScaler(),
    )
    one_hot = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=-1.0, keep_empty_features=True),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False, min_frequency=5),
    )
    columns = ColumnTransformer([("numbers", compressed, numbers), ("words", one_hot, words)])
    model = make_pipeline(columns, LogisticRegression(max_iter=150, random_state=seed, **recipe.parameters))
    model.fit(table.X, table.y, logisticregression__sample_weight=table.weight)
    return EstimatorScorer(model, centre_of(table.X))


def _compressed(X: np.ndarray) -> np.ndarray:
    """Signed logarithm: amounts and counts spread over many magnitudes."""
    return np.sign(X) * np.log1p(np.abs(X))


_FITTERS = {
    "lightgbm": _fit_lightgbm,
    "hist_gradient_boosting": _fit_hist_gradient_boosting,
    "random_forest": _fit_random_forest,
    "logistic_regression": _fit_logistic_regression,
}
