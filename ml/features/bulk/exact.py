"""Primitives of single events from arrays, whatever order things arrived in."""

from collections.abc import Mapping

import numpy as np
from numpy import ndarray

from ml.features.bulk import batches
from ml.features.spec import BOUND, NULL, FeatureSet


def exact_primitives(
    feature_set: FeatureSet,
    events: Mapping[str, ndarray],
    labels: Mapping[str, ndarray] | None,
    rows: ndarray,
    bound: int = BOUND,
) -> ndarray:
    """Return int64 [len(rows), P] for a few rows, each from only what had arrived before it."""
    found = np.empty((len(rows), len(feature_set.primitives)), np.int64)
    for i, row in enumerate(rows):
        known = _known_to(feature_set, events, row)
        found[i] = batches.primitives(feature_set, known, labels, bound=bound)[0][-1]
    return found


def _known_to(feature_set: FeatureSet, events: Mapping[str, ndarray], row: int) -> dict[str, ndarray]:
    """The event and what it may see of the entities it names, the event last."""
    ids, times = events["id"], events["occurred_at"]
    superseded = events.get("superseded_by_id", np.full(len(ids), NULL))
    kept = (ids < ids[row]) & (times <= times[row]) & ((superseded == NULL) | (superseded > ids[row]))
    shares = np.zeros(len(ids), bool)
    for stream in feature_set.streams:
        if not stream.is_label and stream.key in events and stream.by in events:
            shares |= (events[stream.key] == events[stream.by][row]) & (events[stream.key] != NULL)
    chosen = np.append(np.flatnonzero(kept & shares), row)
    known = {name: column[chosen] for name, column in events.items()}
    known["superseded_by_id"] = np.full(len(chosen), NULL)
    return known
