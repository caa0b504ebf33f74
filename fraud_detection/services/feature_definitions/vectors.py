"""Stored feature vectors of different times as vectors of the present features.

Adding or retiring a feature makes a new version of the set. Decisions made under another one with the
same shipped features still teach: what was stored is taken by name, what was not is filled in.
"""

from collections.abc import Sequence

import numpy as np

from fraud_detection.engines.engine import Engine
from fraud_detection.models import FeatureSetVersion
from fraud_detection.services.feature_definitions.backfilling import backfilled
from ml.features.spec import FeatureSet


def usable_versions(feature_set: FeatureSet) -> list[str]:
    """Versions of the feature set whose vectors `as_present` can bring up to date."""
    shipped = feature_set.base or feature_set.version
    known = FeatureSetVersion.objects.filter(base=shipped).values_list("pk", flat=True)
    return [shipped, *known]


def as_present(engine: Engine, rows: Sequence[tuple[int, str, bytes]]) -> np.ndarray:
    """float64 [n, numbers of the engine] of (assessment id, version, packed vector)."""
    feature_set = engine.feature_set
    result = np.full((len(rows), len(feature_set.numbers)), np.nan)
    versions = np.array([version for _, version, _ in rows], dtype=object)
    for version in sorted(set(versions.tolist())):
        at = np.flatnonzero(versions == version)
        if version == feature_set.version:
            result[at] = _vectors(rows, at)
        else:
            _convert(engine, result, rows, at, version)
    return result


def _convert(
    engine: Engine, result: np.ndarray, rows: Sequence[tuple[int, str, bytes]], at: np.ndarray, version: str
) -> None:
    feature_set, stored = engine.feature_set, FeatureSetVersion.objects.get(pk=version)
    vectors = _vectors(rows, at)
    places = {name: place for place, (name, *_) in enumerate(stored.numbers)}
    known = feature_set.meanings(feature_set.added)
    lacking = []
    for place, name in enumerate(feature_set.numbers):
        if name in places and stored.added.get(name) == known.get(name):
            result[at, place] = vectors[:, places[name]]
        else:
            lacking.append(name)
    filled = backfilled(engine, lacking, [rows[place][0] for place in at.tolist()]) if lacking else {}
    for name, column in filled.items():
        result[at, feature_set.numbers.index(name)] = column


def _vectors(rows: Sequence[tuple[int, str, bytes]], at: np.ndarray) -> np.ndarray:
    return np.array([np.frombuffer(bytes(rows[place][2]), "<f8") for place in at.tolist()])
