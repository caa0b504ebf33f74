"""How a classifier is fitted: a family and its parameters, as data, and the small seeded search over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

FAMILIES = ("lightgbm", "hist_gradient_boosting", "random_forest", "logistic_regression")
SMALL = 5_000
LARGE = 50_000  # rows searched from which slow learners take larger steps, or fewer of them
DRAWS = 2  # LightGBM recipes drawn beside the default


@dataclass(frozen=True)
class Recipe:
    """One candidate. `trees` is set once validation rows chose the length of a boosting."""

    name: str
    family: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    trees: int = 0
    bags: int = 1

    def with_trees(self, trees: int) -> Recipe:
        return replace(self, trees=trees)

    def as_json(self) -> dict[str, Any]:
        told = dict(self.parameters)
        if self.trees:
            told["trees"] = self.trees
        if self.bags > 1:
            told["bags"] = self.bags
        return told


def recipes(rows: int, features: int, families: Sequence[str], seed: int) -> list[Recipe]:
    """The candidates for a table of this size; the same for the same seed."""
    made = []
    for family in families:
        made += _MAKERS[family](rows, features, np.random.default_rng(seed))
    return made


def _lightgbm(rows: int, features: int, rng: np.random.Generator) -> list[Recipe]:
    small = rows < SMALL
    trees = 300
    default = {
        "learning_rate": 0.03 if small else 0.05,
        "num_leaves": 7 if small else 31,
        "min_data_in_leaf": 10 if small else 20,
        "feature_fraction": 0.4,
        "bagging_fraction": 0.8,
        "lambda_l2": 5.0,
    }
    made = [Recipe("lightgbm", "lightgbm", default, trees)]
    for number in range(DRAWS):
        drawn = {
            "num_leaves": int(rng.choice((4, 6, 12) if small else (12, 20, 48))),
            "min_data_in_leaf": int(rng.choice((5, 20, 40) if small else (10, 40, 100))),
            "feature_fraction": float(rng.choice((0.2, 0.3, 0.6))),
            "lambda_l2": float(rng.choice((1.0, 10.0, 30.0))),
            "path_smooth": float(rng.choice((0.0, 2.0))),
        }
        made.append(Recipe(f"lightgbm {number + 2}", "lightgbm", default | drawn, trees))
    return made


def _hist_gradient_boosting(rows: int, features: int, rng: np.random.Generator) -> list[Recipe]:
    small = rows < SMALL
    large = rows >= LARGE
    parameters = {
        "learning_rate": 0.1 if large else 0.05,
        "max_leaf_nodes": 6 if small else 24,
        "l2_regularization": 5.0,
        "max_features": 0.5,
        "min_samples_leaf": 15 if small else 30,
    }
    return [Recipe("hist_gradient_boosting", "hist_gradient_boosting", parameters, 80 if large else 120)]


def _random_forest(rows: int, features: int, rng: np.random.Generator) -> list[Recipe]:
    parameters = {"min_samples_leaf": 3 if rows < SMALL else 5, "max_depth": 14 if rows >= LARGE else None}
    trees = 300 if rows < SMALL else 60 if rows >= LARGE else 100
    return [Recipe("random_forest", "random_forest", parameters, trees)]


def _logistic_regression(rows: int, features: int, rng: np.random.Generator) -> list[Recipe]:
    strengths = (0.02, 0.1, 1.0) if rows < SMALL else (0.05,)
    return [
        Recipe(
            f"logistic_regression{f' {c:g}' if len(strengths) > 1 else ''}", "logistic_regression", {"C": c}
        )
        for c in strengths
    ]


_MAKERS = {
    "lightgbm": _lightgbm,
    "hist_gradient_boosting": _hist_gradient_boosting,
    "random_forest": _random_forest,
    "logistic_regression": _logistic_regression,
}
