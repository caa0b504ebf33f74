"""The features of a history that live events of an engine carry too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ml.features import kernel
from ml.features.bulk import batches
from ml.features.columns import EVENT_COLUMNS, EVENT_TABLE, KEY_KINDS, LABEL_TABLE
from ml.features.spec import NULL, FeatureSet
from ml.history.errors import HistoryRefused
from ml.history.features import known_after
from ml.history.history import History

KEYS = ("receiver_key", "device_key", "ip_key", "merchant_key")
# identifiers mean nothing as numbers, and moments grow without end: a model would learn them by heart
EXCLUDED_UNITS = frozenset({"code", "time"})

Progress = Callable[[str], None]


def live_matrix(
    history: History, feature_set: FeatureSet, progress: Progress
) -> tuple[tuple[str, ...], np.ndarray]:
    """(names, float32 [n, K]) of the engine's numbers and flags. Raises HistoryRefused."""
    if history.times is None:
        raise HistoryRefused(f"history {history.name} has no time: live features need one")
    if feature_set.table != EVENT_TABLE:
        raise HistoryRefused(f"live events of {feature_set.name} are no payments: train it without --live")
    progress(f"features of {feature_set.name} as live events carry them")
    names = live_names(feature_set)
    place = {name: number for number, name in enumerate(feature_set.numbers)}
    wanted = np.array([place[name] for name in names], dtype=np.intp)
    none = np.full(len(history), NULL)
    events = {key: none for key in KEY_KINDS if key in EVENT_COLUMNS}
    events |= {name: np.asarray(column) for name, column in history.events.items()}
    result = np.empty((len(history), len(names)), np.float32)
    for batch in batches(feature_set, events, {LABEL_TABLE: _labels(history, events)}):
        part = slice(batch.rows[0], batch.rows[-1] + 1)
        columns = {name: column[part] for name, column in events.items()}
        result[part] = kernel.evaluate(feature_set, batch.primitives, columns)[:, wanted]
    return names, result


def live_names(feature_set: FeatureSet) -> tuple[str, ...]:
    """What a model of live events may read: no texts, no codes, no moments."""
    return tuple(
        feature.name
        for feature in feature_set.features
        if feature.kind != "text" and feature.unit not in EXCLUDED_UNITS
    )


def _labels(history: History, events: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    rows = np.flatnonzero(np.asarray(history.y) >= 0)
    known = known_after(history)
    rows = rows[np.argsort(known[rows], kind="stable")]
    return {
        "id": np.arange(1, len(rows) + 1, dtype=np.int64),
        "known_at": known[rows],
        "fraud_delta": np.asarray(history.y)[rows].astype(np.int64),
        **{name: events[name][rows] for name in KEYS},
    }
