"""The bulk executor's entry points: chunks of events in time order, memory bounded by the chunk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from ml.features import kernel
from ml.features.bulk import exact
from ml.features.bulk.aggregates import aggregate
from ml.features.bulk.index import Index, build
from ml.features.bulk.probes import probe
from ml.features.bulk.table import Facts, Table, tables
from ml.features.bulk.window import Chunk, StreamWindow
from ml.features.columns import KEY_KINDS
from ml.features.spec import BOUND, NULL, FeatureSet, Primitive, Stream

CHUNK = 65_536  # events computed together; about 4 KB each with all their working arrays

Columns = Mapping[str, ndarray]


@dataclass
class Batch:
    """Computed events: `rows` of the caller's arrays, their primitives int64 [m, P], and which are dirty.

    The primitives hold until the next batch is asked for, which is written to the same memory.
    """

    rows: ndarray
    primitives: ndarray
    dirty: ndarray


def batches(
    feature_set: FeatureSet,
    events: Columns,
    facts: Facts | None = None,
    *,
    targets: ndarray | None = None,
    stored: Columns | None = None,
    bound: int = BOUND,
    chunk: int = CHUNK,
) -> Iterator[Batch]:
    """Compute primitives chunk by chunk, in time order.

    events   int64 [n] per column, NULL for missing; ids in order of arrival
    facts    what became known later, by table; see Facts
    targets  bool [n]: events to compute; the others are history only. All when None
    stored   probe name -> int64 [n]: its answer from history that is not among `events`, NULL for none
    """
    plan = Plan(feature_set, tables(feature_set.table, events, facts, keys_of(feature_set)), targets, bound)
    plan.probe(stored or {})
    yield from plan.batches(chunk)


def primitives(
    feature_set: FeatureSet,
    events: Columns,
    facts: Facts | None = None,
    *,
    stored: Columns | None = None,
    bound: int = BOUND,
    chunk: int = CHUNK,
) -> tuple[ndarray, ndarray]:
    """Return int64 [n, P] and the dirty mask bool [n], in the caller's order."""
    count = len(events["id"])
    values = np.empty((count, len(feature_set.primitives)), np.int64)
    dirty = np.zeros(count, bool)
    for batch in batches(feature_set, events, facts, stored=stored, bound=bound, chunk=chunk):
        values[batch.rows], dirty[batch.rows] = batch.primitives, batch.dirty
    return values, dirty


def compute(
    feature_set: FeatureSet,
    events: Columns,
    facts: Facts | None = None,
    *,
    bound: int = BOUND,
    chunk: int = CHUNK,
) -> ndarray:
    """Return the features float64 [n, len(feature_set.numbers)], dirty rows recomputed exactly."""
    result = np.empty((len(events["id"]), len(feature_set.numbers)))
    for batch in batches(feature_set, events, facts, bound=bound, chunk=chunk):
        repaired = np.flatnonzero(batch.dirty)
        if len(repaired):
            rows = batch.rows[repaired]
            batch.primitives[repaired] = exact.exact_primitives(feature_set, events, facts, rows, bound)
        _evaluate(feature_set, events, batch, result)
    return result


def _evaluate(feature_set: FeatureSet, events: Columns, batch: Batch, result: ndarray) -> None:
    rows = batch.rows
    if (np.diff(rows) == 1).all():  # events in time order: views instead of copies
        part = slice(rows[0], rows[-1] + 1)
        columns = {name: column[part] for name, column in events.items()}
        kernel.evaluate(feature_set, batch.primitives, columns, out=result[part])
    else:
        columns = {name: column[rows] for name, column in events.items()}
        result[rows] = kernel.evaluate(feature_set, batch.primitives, columns)


class Plan:
    """What all chunks share: tables in time order, one index per key, answered probes.

    targets  bool by row of the caller's arrays: the events to compute; all when None
    """

    def __init__(
        self, feature_set: FeatureSet, found: Mapping[str, Table], targets: ndarray | None, bound: int = BOUND
    ):
        self.feature_set, self.bound = feature_set, bound
        self.tables, self.events = found, found[feature_set.table]
        self.stride = max(map(len, self.tables.values())) + 1
        self._indexes: dict[tuple, Index] = {}
        self._values: ndarray | None = None
        self.wanted: ndarray | slice = slice(0, len(self.events))
        if targets is not None and not targets.all():
            self.wanted = np.flatnonzero(targets[self.events.order])
        self.probes: dict[str, ndarray] = {}
        self.dirty = np.zeros(len(self.events.order[self.wanted]), bool)

    def probe(self, stored: Columns) -> None:
        """Answer the probes, from the given events and `stored`, by row of the caller's arrays."""
        for primitive in self.feature_set.primitives:
            if primitive.is_probe:
                self._probe(primitive, stored.get(primitive.name))

    def batches(self, chunk: int) -> Iterator[Batch]:
        """The wanted events, `chunk` at a time."""
        for start in range(0, len(self.dirty), chunk):
            yield self.batch(slice(start, min(start + chunk, len(self.dirty))))

    def _index(self, stream: Stream) -> Index:
        key = (stream.table, stream.key, stream.where)
        if key not in self._indexes:
            self._indexes[key] = build(stream, self.tables[stream.table], self.stride)
        return self._indexes[key]

    def _probe(self, primitive: Primitive, stored: ndarray | None) -> None:
        stream = self.feature_set.stream_by_name[primitive.stream]
        values, dirty = probe(primitive, stream, self._index(stream), self.events, self.wanted)
        if stored is not None:
            values = _merge(primitive, values, stored[self.events.order[self.wanted]])
        self.probes[primitive.name] = values
        self.dirty |= dirty

    def batch(self, numbers: slice) -> Batch:
        """Compute one chunk of the wanted events, stream by stream: a stream's working arrays are freed
        before the next."""
        # One primitive after another in memory: each is written, and later read, as one contiguous row.
        values = self._memory(numbers.stop - numbers.start)
        dirty = self.dirty[numbers].copy()
        part = numbers if isinstance(self.wanted, slice) else self.wanted[numbers]
        chunk = Chunk(self.events, part)
        for stream in self.feature_set.streams:
            self._run_stream(stream, chunk, values, dirty)
        for row, primitive in enumerate(self.feature_set.primitives):
            if primitive.is_probe:
                values[row] = self.probes[primitive.name][numbers]
        return Batch(self.events.order[part], values.T, dirty)

    def _memory(self, events: int) -> ndarray:
        """NULLs [P, events] in memory that all chunks share; the first is the largest."""
        if self._values is None:
            self._values = np.empty((len(self.feature_set.primitives), events), np.int64)
        values = self._values[:, :events]
        values.fill(NULL)
        return values

    def _run_stream(self, stream: Stream, chunk: Chunk, values: ndarray, dirty: ndarray) -> None:
        window = StreamWindow(stream, self._index(stream), chunk, self.bound)
        at = window.at
        dirty[at] |= window.dirty()
        for row, primitive in enumerate(self.feature_set.primitives):
            if primitive.stream == stream.name and not primitive.is_probe:
                values[row, at] = aggregate(window, primitive)


def keys_of(feature_set: FeatureSet) -> set[str]:
    """The key columns by which a feature set looks entities up."""
    keys = {k for s in feature_set.streams for k in (s.key, s.by)}
    return keys | {p.column for p in feature_set.primitives if p.column in KEY_KINDS}


def _merge(primitive: Primitive, values: ndarray, stored: ndarray) -> ndarray:
    """Join the answer from the given events with the one from stored history."""
    if primitive.aggregate == "seen":
        return np.where(values == NULL, NULL, np.maximum(values, stored))
    return np.where((stored != NULL) & ((values == NULL) | (stored < values)), stored, values)
