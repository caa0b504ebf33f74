"""Train the candidates, choose one by average precision, calibrate it, measure it on untouched rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.metrics import average_precision_score
from threadpoolctl import threadpool_limits

from ml.artifacts.card import Card
from ml.artifacts.model import Model
from ml.modeling.calibration import calibrated
from ml.modeling.description import column_quantiles, described, libraries, measured, notes
from ml.modeling.errors import TrainingRefused
from ml.modeling.estimators import CANDIDATES, Effort, Part, Scorer
from ml.modeling.splits import DAY, Split, split

LABEL_DELAY = 7 * DAY

Progress = Callable[[str], None]


def train(
    X: np.ndarray,
    y: np.ndarray,
    *,
    feature_names: Sequence[str],
    times: np.ndarray | None,
    known_at: np.ndarray | None = None,
    seed: int,
    engine: str,
    feature_set: str = "",
    source: str = "stored",
    name: str | None = None,
    candidates: Sequence[str] = tuple(CANDIDATES),
    threads: int = 1,
    trees: int = 300,
    progress: Progress = lambda message: None,
) -> Model:
    """Train a calibrated classifier; the same data and seed give the same predictions.

    X            float64 [n, K], NaN for missing, columns in the order of feature_names
    y            int [n], 1 fraud, 0 legitimate, -1 unknown (left out)
    times        int64 [n], microseconds since epoch, or None: then the split is random
    known_at     int64 [n], when each label became known; default seven days after the event
    Raises TrainingRefused when the data cannot teach a model.
    """
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y)
    _check(X, y, feature_names, candidates)
    X, y, times, known_at = _labelled(X, y, times, known_at)
    parts = split(y, times, known_at, seed)
    progress(f"{parts.kind} split: {len(parts.train):,} train, {len(parts.test):,} test rows")
    for note in notes(times, parts):
        progress(note)
    fitting = _part(X, y, parts)
    scorer, algorithm, compared = _best(fitting, Effort(seed, threads, trees), candidates, progress)
    calibration = calibrated(scorer.raw(fitting.X_validation), fitting.y_validation)
    card = Card(
        engine=engine,
        name=name or f"{engine}-seed-{seed}",
        algorithm=algorithm,
        features=tuple(feature_names),
        feature_set=feature_set,
        source=source,
        seed=seed,
        candidates=compared,
        calibration=calibration.kind,
        explanation=scorer.explanation,
        split=parts.kind,
        libraries=libraries(),
        notes=notes(times, parts),
        **described(feature_names, X[parts.train], times, parts),
        **measured(calibration(scorer.raw(X[parts.test])), y[parts.test]),
    )
    return Model(scorer, calibration, card)


def _labelled(X: np.ndarray, y: np.ndarray, times: np.ndarray | None, known_at: np.ndarray | None):
    """Only the rows whose label is known, and when it became known."""
    if times is not None and known_at is None:
        known_at = times + LABEL_DELAY
    rows = y >= 0
    if rows.all():
        return X, y, times, known_at
    return X[rows], y[rows], *(None if at is None else at[rows] for at in (times, known_at))


def _check(X: np.ndarray, y: np.ndarray, feature_names: Sequence[str], candidates: Sequence[str]) -> None:
    if X.ndim != 2 or X.shape != (len(y), len(feature_names)):
        raise ValueError(f"X is {list(X.shape)}; {len(y)} labels and {len(feature_names)} names were given")
    if len(set(feature_names)) < len(feature_names):
        raise ValueError("feature names must be distinct")
    if np.isinf(X).any():
        column = int(np.flatnonzero(np.isinf(X).any(axis=0))[0])
        raise ValueError(f"feature {feature_names[column]} holds infinite values")
    if unknown := sorted(set(candidates) - set(CANDIDATES)):
        raise ValueError(f"unknown candidates {', '.join(unknown)}; known: {', '.join(CANDIDATES)}")
    if not candidates:
        raise TrainingRefused("no candidate was chosen")


def _part(X: np.ndarray, y: np.ndarray, parts: Split) -> Part:
    return Part(
        X=X[parts.train],
        y=y[parts.train],
        X_validation=X[parts.validation],
        y_validation=y[parts.validation],
        centre=np.nan_to_num(column_quantiles(X[parts.train], (50,))[0], nan=0.0),
    )


def _best(
    part: Part, effort: Effort, candidates: Sequence[str], progress: Progress
) -> tuple[Scorer, str, dict[str, float]]:
    """The candidate with the highest average precision on validation; the earlier named wins a tie."""
    fitted, compared = {}, {}
    for name in candidates:
        with threadpool_limits(effort.threads):
            fitted[name] = CANDIDATES[name](part, effort)
        raw = fitted[name].raw(part.X_validation)
        compared[name] = float(average_precision_score(part.y_validation, raw))
        progress(f"{name}: average precision {compared[name]:.4f} on validation")
    best = max(compared, key=compared.__getitem__)
    return fitted[best], best, compared
