"""Train an isolation forest on feature vectors without labels, for any domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._iforest import _average_path_length
from threadpoolctl import threadpool_limits

from ml.artifacts.card import Card
from ml.artifacts.isolation import FROM, IsolationScorer, TailShare, compressed
from ml.artifacts.model import Model
from ml.modeling.description import (
    HASHED_ROWS,
    PERCENTILES,
    SCORE_DIGITS,
    column_quantiles,
    described_rows,
    libraries,
    prediction_hash,
)
from ml.modeling.errors import TrainingRefused
from ml.modeling.training import Progress
from ml.monitoring.bins import binned

ALGORITHM = "isolation_forest"
TREES, SAMPLES = 100, 256
LEAST_ROWS = 500  # the hundredth that counts as unusual would else be fewer than five rows
HELD_OUT = 0.2
EXPLAINED_ROWS = 100  # the most unusual, from which the report says what isolates
BODY, TAIL = np.linspace(0.0, FROM, 100), np.linspace(FROM, 1.0, 101)[1:]


def train_anomaly(
    X: np.ndarray,
    *,
    feature_names: Sequence[str],
    engine: str,
    seed: int,
    feature_set: str = "",
    source: str = "stored",
    name: str | None = None,
    times: np.ndarray | None = None,
    trees: int = TREES,
    samples: int = SAMPLES,
    threads: int = 1,
    progress: Progress = lambda message: None,
) -> tuple[Model, dict[str, Any]]:
    """A model that contributes what `ml.artifacts.isolation.TailShare` says, and the report of its training.

    X      float64 [n, K], NaN for missing, columns in the order of feature_names
    times  int64 [n], microseconds since epoch: the last fifth is held out; None: a fifth at random
    The same data and seed give the same predictions. Raises TrainingRefused for fewer than LEAST_ROWS rows.
    """
    X = np.asarray(X, dtype=np.float64)
    _check(X, feature_names)
    train, held_out = _parts(len(X), times, seed)
    scorer = _fitted(X[train], seed, trees, samples, threads)
    share = tail_share(scorer.raw(X[train]))
    unusual = share(scorer.raw(X[held_out]))
    progress(f"{len(train):,} rows, {len(feature_names)} features, {trees} trees of {samples} rows")
    card = Card(
        engine=engine,
        name=name or f"{engine}-anomaly-seed-{seed}",
        algorithm=ALGORITHM,
        features=tuple(feature_names),
        feature_set=feature_set,
        source=source,
        seed=seed,
        candidates={},
        calibration=share.kind,
        explanation=scorer.explanation,
        split="random" if times is None else "time",
        libraries=libraries(),
        notes=("unusual is not fraudulent: without labels nothing says how often the two agree",),
        metrics=_metrics(len(train), unusual),
        score_percentiles=tuple(np.percentile(unusual, PERCENTILES).tolist()),
        score_bins=binned(np.round(unusual, SCORE_DIGITS)),
        prediction_hash=prediction_hash(unusual[:HASHED_ROWS]),
        **described_rows(feature_names, X[train], _window(times, train, held_out)),
    )
    return Model(scorer, share, card), _report(scorer, card, X[train])


def tail_share(raw: np.ndarray) -> TailShare:
    """The percentiles of training scores, a hundred times finer where they count.

    Equal scores share the highest rank; a score above all of training is the hundredth percentile.
    """
    shares = np.concatenate([BODY, TAIL])
    scores = np.quantile(raw, shares)
    last = np.append(np.diff(scores) > 0, True)
    return TailShare(scores[last], shares[last])


def _check(X: np.ndarray, feature_names: Sequence[str]) -> None:
    if X.ndim != 2 or X.shape[1] != len(feature_names):
        raise ValueError(f"X is {list(X.shape)}; {len(feature_names)} names were given")
    if len(set(feature_names)) < len(feature_names):
        raise ValueError("feature names must be distinct")
    if np.isinf(X).any():
        column = int(np.flatnonzero(np.isinf(X).any(axis=0))[0])
        raise ValueError(f"feature {feature_names[column]} holds infinite values")
    if len(X) < LEAST_ROWS:
        raise TrainingRefused(f"{len(X)} rows; at least {LEAST_ROWS} are needed to say what is unusual")


def _parts(count: int, times: np.ndarray | None, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers to train on and to hold out."""
    order = (
        np.random.default_rng(seed).permutation(count) if times is None else np.argsort(times, kind="stable")
    )
    first = count - int(count * HELD_OUT)
    return np.sort(order[:first]), np.sort(order[first:])


def _fitted(X: np.ndarray, seed: int, trees: int, samples: int, threads: int) -> IsolationScorer:
    centre = np.nan_to_num(column_quantiles(X, (50,))[0], nan=0.0)
    prepared = compressed(np.where(np.isnan(X), centre, X)).astype(np.float32)
    forest = IsolationForest(
        n_estimators=trees, max_samples=min(samples, len(X)), random_state=seed, n_jobs=threads
    )
    with threadpool_limits(threads):
        forest.fit(prepared)
    return flattened(forest, centre)


def flattened(forest: IsolationForest, centre: np.ndarray) -> IsolationScorer:
    """A fitted forest as arrays over all nodes of all trees; it scores as scikit-learn does."""
    trees = [estimator.tree_ for estimator in forest.estimators_]
    roots = np.cumsum([0, *(tree.node_count for tree in trees)])[:-1]
    children = {"left": [], "right": []}
    for root, tree in zip(roots, trees, strict=True):
        own = np.arange(tree.node_count)
        for side, found in (("left", tree.children_left), ("right", tree.children_right)):
            children[side].append(root + np.where(found < 0, own, found))
    feature = np.concatenate([tree.feature for tree in trees])
    return IsolationScorer(
        centre=centre,
        roots=roots,
        feature=np.where(feature < 0, 0, feature),
        threshold=np.concatenate([tree.threshold for tree in trees]),
        left=np.concatenate(children["left"]),
        right=np.concatenate(children["right"]),
        depth=np.concatenate([_expected_depths(tree) for tree in trees]),
        levels=max(tree.max_depth for tree in trees),
        scale=float(_average_path_length([forest.max_samples_])[0]),
    )


def _expected_depths(tree: Any) -> np.ndarray:
    """By node: the mean depth of its training rows, where a leaf of m rows stands for m rows more to part."""
    counts, depth = tree.n_node_samples, np.zeros(tree.node_count)
    left, right = tree.children_left, tree.children_right
    for node in range(tree.node_count):  # parents come before their children
        if left[node] >= 0:
            depth[[left[node], right[node]]] = depth[node] + 1
    leaf = left < 0
    depth[leaf] += _average_path_length(counts[leaf])
    for node in range(tree.node_count - 1, -1, -1):
        if not leaf[node]:
            below = [left[node], right[node]]
            depth[node] = np.average(depth[below], weights=counts[below])
    return depth


def _metrics(trained_on: int, unusual: np.ndarray) -> dict[str, float]:
    return {
        "rows": len(unusual),
        "trained_on": trained_on,
        "unusual_share": float((unusual > 0).mean()),  # a hundredth when the future is like the past
        "mean_contribution": float(unusual.mean()),
    }


def _window(times: np.ndarray | None, train: np.ndarray, held_out: np.ndarray) -> dict[str, Any]:
    window: dict[str, Any] = {"train_rows": len(train), "test_rows": len(held_out)}
    if times is not None:
        window |= {"from": _iso(times.min()), "until": _iso(times.max())}
    return window


def _iso(microseconds: int) -> str:
    return datetime.fromtimestamp(int(microseconds) / 1e6, UTC).isoformat()


def _report(scorer: IsolationScorer, card: Card, X: np.ndarray) -> dict[str, Any]:
    """The parts of a training report that apply to a model without labels."""
    top = np.argsort(-scorer.raw(X), kind="stable")[:EXPLAINED_ROWS]
    added = sum(np.maximum(scorer.contributions(X[row])[0], 0.0) for row in top)
    total = float(added.sum()) or 1.0
    order = np.argsort(-added, kind="stable")
    window = card.training_window
    return {
        "schema": 1,
        "data": {
            "source": card.source,
            "history": None,
            "rows": window["train_rows"] + window["test_rows"],
            "positives": None,
            "unlabelled": window["train_rows"] + window["test_rows"],
            "from": window.get("from"),
            "until": window.get("until"),
            "split": {"kind": card.split, "train": window["train_rows"], "test": window["test_rows"]},
            "warnings": list(card.notes),
        },
        "metrics": dict(card.metrics),
        "importance": [
            {"feature": card.features[place], "share": float(added[place] / total)}
            for place in order.tolist()
            if added[place] > 0
        ],
    }
