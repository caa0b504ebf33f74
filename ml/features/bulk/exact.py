"""Primitives of single events from arrays, whatever order things arrived in."""

from collections.abc import Mapping

import numpy as np
from numpy import ndarray

from ml.features.bulk import batches
from ml.features.bulk.table import Facts
from ml.features.columns import ARRIVALS
from ml.features.spec import BOUND, NULL, FeatureSet


def exact_primitives(
    feature_set: FeatureSet,
    events: Mapping[str, ndarray],
    facts: Facts | None,
    rows: ndarray,
    bound: int = BOUND,
) -> ndarray:
    """Return int64 [len(rows), P] for a few rows, each from only what had arrived before it."""
    found = np.empty((len(rows), len(feature_set.primitives)), np.int64)
    for i, row in enumerate(rows):
        known, known_facts = _known_to(feature_set, events, row), _facts_known_to(facts, events, row)
        found[i] = batches.primitives(feature_set, known, known_facts, bound=bound)[0][-1]
    return found


def _known_to(feature_set: FeatureSet, events: Mapping[str, ndarray], row: int) -> dict[str, ndarray]:
    """The event and what it may see of the entities it names, the event last."""
    ids, times = events["id"], events["occurred_at"]
    superseded = events.get("superseded_by_id", np.full(len(ids), NULL))
    kept = (ids < ids[row]) & (times <= times[row]) & ((superseded == NULL) | (superseded > ids[row]))
    shares = np.zeros(len(ids), bool)
    for stream in feature_set.streams:
        if not stream.is_fact and stream.key in events and stream.by in events:
            shares |= (events[stream.key] == events[stream.by][row]) & (events[stream.key] != NULL)
    chosen = np.append(np.flatnonzero(kept & shares), row)
    known = {name: column[chosen] for name, column in events.items()}
    known["superseded_by_id"] = np.full(len(chosen), NULL)
    return known


def _facts_known_to(facts: Facts | None, events: Mapping[str, ndarray], row: int) -> Facts:
    """The facts but those that arrived with later events."""
    return {
        name: columns if name not in ARRIVALS else _rows(columns, columns[ARRIVALS[name]] < events["id"][row])
        for name, columns in (facts or {}).items()
    }


def _rows(columns: Mapping[str, ndarray], kept: ndarray) -> dict[str, ndarray]:
    return {name: column[kept] for name, column in columns.items()}
