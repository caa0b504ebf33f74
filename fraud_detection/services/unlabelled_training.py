"""Training engines whose model knows no labels, on the features of stored decisions as they were logged."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from fraud_detection.models import Assessment, ModelVersion
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.feature_definitions.vectors import as_present, usable_versions
from fraud_detection.services.model_registry import register
from ml.domains.moments import microseconds

LEAST_DECISIONS = 2_000
MOST_DECISIONS = 50_000  # the newest; an isolation forest learns no more from more
AT_ONCE = 2_000


def learns_without_labels(engine: str) -> bool:
    """Whether the engine's domain trains on plain feature vectors."""
    name = f"ml.domains.{engine}.training"
    return find_spec(name) is not None and hasattr(import_module(name), "train_from_vectors")


def has_enough_decisions(engine: str) -> bool:
    """Whether stored decisions of the present features can teach a model."""
    return _decisions(engine)[LEAST_DECISIONS - 1 : LEAST_DECISIONS].exists()


def train_unlabelled(
    engine: str, *, seed: int, created_by: str, progress: Callable[[str], None]
) -> ModelVersion:
    """Train on the newest stored decisions, whatever came of them, and register the result as a candidate."""
    feature_set = engine_in_use(engine).feature_set
    X, times = stored_vectors(engine)
    progress(f"{len(X):,} stored decisions")
    model, report = import_module(f"ml.domains.{engine}.training").train_from_vectors(
        X, times, seed=seed, feature_set=feature_set, source="stored", progress=progress
    )
    return register(model, created_by=created_by, report=report)


def stored_vectors(engine: str) -> tuple[np.ndarray, np.ndarray]:
    """(float64 [n, numbers], decided at [n] in microseconds), oldest first."""
    named = ("pk", "feature_set_version", "features", "decided_at")
    rows = list(_decisions(engine)[:MOST_DECISIONS].values_list(*named).iterator(AT_ONCE))[::-1]
    X = as_present(engine_in_use(engine), [row[:3] for row in rows])
    return X, np.array([microseconds(row[3]) for row in rows], np.int64)


def _decisions(engine: str):
    """Without those that were decided without features: they would teach that missing is usual."""
    versions = usable_versions(engine_in_use(engine).feature_set)
    known = Assessment.objects.filter(engine=engine, feature_set_version__in=versions)
    return known.exclude(degraded_parts__contains="features").order_by("-id")
