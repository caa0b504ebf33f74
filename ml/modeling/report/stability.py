"""Whether the past teaches the future: a quick model split by time against the same split at random."""

from __future__ import annotations

import lightgbm
import numpy as np
from sklearn.metrics import average_precision_score

from ml.modeling.design import Design
from ml.modeling.fitting import sample
from ml.modeling.parts import Parts

ROWS = 40_000
TREES = 80
WORSE = 0.8  # of the random split's figure
MARGIN = 0.03
PARAMETERS = {
    "objective": "binary", "learning_rate": 0.1, "num_leaves": 15, "feature_fraction": 0.5, "num_threads": 1,
    "deterministic": True, "force_row_wise": True, "verbosity": -1,
}  # fmt: skip


def split_warning(design: Design, parts: Parts, seed: int) -> str | None:
    """A sentence when the split by time is clearly worse than one at random; test rows are not looked at."""
    if parts.kind != "time" or len(parts.folds) != 1:
        return None
    fit, check = (rows[sample(design.y[rows], ROWS, seed)[0]] for rows in parts.folds[0])
    by_time = _quick(design, fit, check, seed)
    both = np.random.default_rng(seed).permutation(np.concatenate([fit, check]))
    at_random = _quick(design, both[: len(fit)], both[len(fit) :], seed)
    if at_random is None or by_time is None or by_time >= WORSE * at_random - MARGIN:
        return None
    return (
        f"split by time a quick model reaches average precision {by_time:.3f}, at random {at_random:.3f}: "
        "fraud changes over time (or a column leaks), so expect figures to fall as the model ages"
    )


def _quick(design: Design, fit: np.ndarray, check: np.ndarray, seed: int) -> float | None:
    y, checked = design.y[fit], design.y[check]
    if min(y.sum(), checked.sum()) < 5:
        return None
    rows = lightgbm.Dataset(design.X[fit], y, params=PARAMETERS)
    booster = lightgbm.train(PARAMETERS | {"seed": seed}, rows, TREES)
    return float(average_precision_score(checked, booster.predict(design.X[check])))
