"""Features of a batch, vectorised over its stored history; late arrivals are computed one by one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fraud_detection.services.batch.history import stored_events, stored_facts, stored_probes
from fraud_detection.services.features import computed
from ml.domains.moments import microseconds
from ml.features import kernel
from ml.features.bulk import batches
from ml.features.columns import CONTEXT_COLUMNS, EVENT_COLUMNS
from ml.features.spec import NULL, FeatureSet


def batch_features(feature_set: FeatureSet, rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """float64 [n, K] for rows that were just stored, in the order of their ids."""
    events = event_arrays(rows, tuple(feature_set.expressions))
    measured = {measure.name: _integers(rows, measure.name) for measure in feature_set.measures}
    history = stored_events(feature_set, events, before=int(events["id"][0]))
    together = {name: np.concatenate([history[name], events[name]]) for name in events}
    targets = np.arange(len(together["id"])) >= len(history["id"])
    offset = len(history["id"])
    probes = {
        name: np.concatenate([np.full(offset, NULL), answers])
        for name, answers in stored_probes(feature_set, events, int(events["id"][0])).items()
    }
    facts = stored_facts(feature_set, events)
    result = np.empty((len(rows), len(feature_set.numbers)))
    for batch in batches(feature_set, together, facts, targets=targets, stored=probes):
        at = batch.rows - offset
        columns = {name: column[at] for name, column in (events | measured).items()}
        result[at] = kernel.evaluate(feature_set, batch.primitives, columns)
        for place in at[batch.dirty].tolist():
            result[place] = alone(feature_set, rows[place])
    return result


def event_arrays(rows: Sequence[Mapping[str, Any]], extras: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """The integer columns of stored rows as int64 arrays, NULL for missing."""
    names = (*EVENT_COLUMNS, *CONTEXT_COLUMNS, *extras)
    arrays = {name: _integers(rows, name) for name in names if name != "occurred_at"}
    arrays["occurred_at"] = np.array([microseconds(row["occurred_at"]) for row in rows], np.int64)
    return arrays


def _integers(rows: Sequence[Mapping[str, Any]], name: str) -> np.ndarray:
    return np.array([NULL if row.get(name) is None else row[name] for row in rows], np.int64)


def alone(feature_set: FeatureSet, row: Mapping[str, Any]) -> np.ndarray:
    """float64 [K] of one stored row, by SQL."""
    moment = row["occurred_at"]
    return computed(feature_set, {**row, "occurred_at": microseconds(moment)}, moment).numbers
