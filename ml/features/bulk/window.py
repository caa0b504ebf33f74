"""One stream seen by one chunk of events: which of its rows each event looks at."""

from collections.abc import Callable

import numpy as np
from numpy import ndarray

from ml.features.bulk.conditions import meets
from ml.features.bulk.index import Index
from ml.features.bulk.ranges import RangeMax
from ml.features.bulk.reach import reach, younger
from ml.features.bulk.table import Table
from ml.features.spec import Stream


class Chunk:
    """Events computed together: the places `part` of the events table, in their order.

    `part` is a slice, or an array where rows that nobody asks about stand between them.
    """

    def __init__(self, events: Table, part: slice | ndarray):
        self.events, self.part = events, part
        self._results: dict[tuple, ndarray] = {}

    def places(self, at: ndarray) -> ndarray:
        """Places in the events table of events counted from the chunk's first."""
        return at + self.part.start if isinstance(self.part, slice) else self.part[at]

    def asking(self, by: str) -> ndarray:
        """Events (counted from the chunk's first) whose `by` key is there, sorted by (entity, time)."""
        return self._shared((by,), lambda: self._asking(by))

    def _asking(self, by: str) -> ndarray:
        codes = self.events.codes[by][self.part]
        asking = np.flatnonzero(codes >= 0)
        return asking[np.argsort(codes[asking], kind="stable")]

    def threshold(self, stream: Stream, table: Table, ago: int) -> ndarray:
        """Place of the first row of a table that is younger than `ago`, per event; streams share it."""
        return self._shared((stream.table, ago), lambda: younger(table, self.events, self.part, ago))

    def reach(self, stream: Stream, table: Table) -> ndarray:
        """Place in the stream's table before which rows are history, per event; streams share it."""
        return self._shared(
            (stream.table, "reach", stream.delay), lambda: reach(stream, table, self.events, self.part)
        )

    def _shared(self, key: tuple, make: Callable[[], ndarray]) -> ndarray:
        if key not in self._results:
            self._results[key] = make()
        return self._results[key]


class StreamWindow:
    """The local part of a stream: the bounded histories of the chunk's entities, sorted by (entity, time).

    at       the chunk's events whose key is there, counted from its first, sorted by (entity, time)
    asking   their places in the events table
    places   places (in the stream's table) of the local rows
    groups   entity code of each local row
    low      per asking event: its bounded history is local rows [low, high)
    own      whether the event is a row of its own stream
    own_row  the event's own local row, -1 when it is not among them (superseded, or another key)
    """

    def __init__(self, stream: Stream, index: Index, chunk: "Chunk", bound: int):
        self.stream, self.index, self.bound = stream, index, bound
        self.chunk, self.events = chunk, chunk.events
        self._cache: dict[tuple, object] = {}
        self.at = chunk.asking(stream.by)
        self.asking = chunk.places(self.at)
        codes = self.events.codes[stream.by][self.asking]
        self.base = codes * index.stride
        self.own = np.zeros(len(codes), bool)
        if stream.holds_current:
            self.own = self.events.codes[stream.key][self.asking] == codes
        self._locate()

    def _locate(self) -> None:
        """Find every event's history in the whole index, then keep only what the chunk needs of it."""
        composite = self.index.composite
        high = np.searchsorted(composite, self.base + self._reach())
        low = np.maximum(np.searchsorted(composite, self.base), high - (self.bound - 1))
        self._high_in_index = high
        in_index = np.zeros(len(high), bool)
        if self.own.any():
            there = np.flatnonzero(self.own & (high < len(composite)))
            in_index[there] = composite[high[there]] == self.base[there] + self.asking[there]
        first = np.flatnonzero(np.diff(self.base, prepend=-1))
        last = np.append(first[1:], len(self.base)) - 1 if len(first) else first
        starts = low[first]
        lengths = high[last] + in_index[last] - starts
        offsets = np.cumsum(lengths) - lengths
        shift = np.repeat(starts - offsets, np.diff(np.append(first, len(self.base))))
        rows = np.repeat(starts - offsets, lengths) + np.arange(lengths.sum())
        self.composite = composite[rows]
        self.places = self.composite % self.index.stride
        self.groups = self.composite // self.index.stride
        self.low, self.high = low - shift, high - shift
        self.own_row = np.where(in_index, self.high, -1)

    def _reach(self) -> ndarray:
        """Place in the stream's table before which rows are history of each asking event."""
        return self.chunk.reach(self.stream, self.index.table)[self.at]

    def _threshold(self, ago: int) -> ndarray:
        """Place of the first row of the stream's table that is younger than `ago`, per asking event."""
        return self.chunk.threshold(self.stream, self.index.table, ago)[self.at]

    @property
    def times(self) -> ndarray:
        return self.cached(("times",), lambda: self.index.table.times[self.places])

    def since(self, window: int | None) -> ndarray:
        """First local row inside (t - window, ...] and inside the bound, per asking event."""
        if window is None:
            return self.low
        return self.cached(("low", window), lambda: np.maximum(self._search(window), self.low))

    def until(self, ago: int) -> ndarray:
        """Local row behind the last one at least `ago` old."""
        if not ago:
            return self.high
        return self.cached(("high", ago), lambda: np.minimum(self._search(ago), self.high))

    def _search(self, ago: int) -> ndarray:
        return np.searchsorted(self.composite, self.base + self._threshold(ago))

    def cached(self, key: tuple, make: Callable):
        """Keep what several primitives of the stream share."""
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]

    def mask(self, where: tuple) -> ndarray:
        """Which local rows meet the conditions."""
        return self.cached(("mask", where), lambda: meets(self.index.table, where, self.places))

    def own_mask(self, where: tuple) -> ndarray:
        """Which asking events are rows of their own stream and meet the conditions."""
        return self.cached(("own", where), lambda: self.own & meets(self.events, where, self.asking))

    def column(self, name: str) -> ndarray:
        return self.cached(("column", name), lambda: self.index.table.get(name, self.places))

    def own_column(self, name: str) -> ndarray:
        return self.cached(("own column", name), lambda: self.events.get(name, self.asking))

    def dirty(self) -> ndarray:
        """Asking events whose bounded history is not what it was when they arrived."""
        if self.index.table.arrivals is None:
            return np.zeros(len(self.asking), bool)
        return self._overtaken() | self._corrected()

    def _overtaken(self) -> ndarray:
        """A row that happened earlier but arrived later is in the bounded history."""
        ids, row_ids = self.events.arrivals[self.asking], self.index.table.arrivals[self.places]
        result = np.zeros(len(ids), bool)
        if not len(row_ids):
            return result
        # Entities follow each other in the array, so a step down between two of them counts too: it lies at
        # the first row of an entity, and only steps behind a window's first row are looked at.
        disordered = np.cumsum(np.diff(row_ids, prepend=row_ids[0]) < 0)
        suspect = (self.high > self.low) & (row_ids[self.high - 1] >= ids)
        suspect |= disordered[self.high - 1] > disordered[np.minimum(self.low, len(row_ids) - 1)]
        rows = np.flatnonzero(suspect & (self.high > self.low))
        if len(rows):
            newest = RangeMax(row_ids, self.bound)(self.low[rows], self.high[rows])
            result[rows] = newest >= ids[rows]
        return result

    def _corrected(self) -> ndarray:
        """A superseded row still counted for events that arrived before its correction."""
        index = self.index
        if not len(index.corrected):
            return np.zeros(len(self.asking), bool)
        inserted = np.searchsorted(index.composite, index.corrected)
        high = np.searchsorted(index.corrected, self.base + self._reach())
        low = np.searchsorted(index.corrected, self.base)
        low = np.maximum(low, np.searchsorted(inserted, self._high_in_index - (self.bound - 1), "left"))
        return index.until(low, np.maximum(low, high)) > self.events.arrivals[self.asking]
