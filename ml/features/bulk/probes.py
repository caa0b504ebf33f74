"""Questions to all history: was this value there before, and when was the entity first seen."""

import numpy as np
from numpy import ndarray

from ml.features.bulk.index import Index
from ml.features.bulk.reach import reach
from ml.features.bulk.table import Table
from ml.features.columns import KEY_KINDS
from ml.features.spec import NULL, Primitive, Stream


def probe(
    primitive: Primitive, stream: Stream, index: Index, events: Table, wanted: ndarray | slice
) -> tuple[ndarray, ndarray]:
    """Return the probe for the `wanted` events in time order, int64 [n], and which of them are dirty."""
    if primitive.aggregate == "seen":
        return _seen(primitive, stream, index, events, wanted)
    return _oldest(primitive, stream, index, events, wanted)


def _firsts(groups: ndarray, places: ndarray, wanted: ndarray, stride: int) -> ndarray:
    """Smallest place (below `stride`) of each wanted group, or a place behind every event."""
    if groups.max(initial=0) < np.iinfo(np.int64).max // stride - 1:
        composite = np.sort(groups * stride + places)  # several times faster than sorting by two keys
        groups, places = composite // stride, composite % stride
    else:
        order = np.lexsort((places, groups))
        groups, places = groups[order], places[order]
    first = np.flatnonzero(np.diff(groups, prepend=-1))
    distinct = groups[first]
    at = np.searchsorted(distinct, wanted)
    found = np.append(distinct, -1)[at] == wanted
    return np.where(found, np.append(places[first], 0)[at], np.iinfo(np.int64).max)


def _dirty(stream, index, arrived, first, end, groups_gone, wanted) -> ndarray:
    """The first row arrived later than the event, or a corrected row still counted for it."""
    dirty = np.zeros(len(arrived), bool)
    if index.table.arrivals is None:
        return dirty
    sees = np.flatnonzero(first < end)
    dirty[sees] = index.table.arrivals[first[sees]] >= arrived[sees]
    if len(index.corrected):
        groups, number = np.unique(groups_gone, return_inverse=True)
        until = np.zeros(len(groups), np.int64)
        np.maximum.at(until, number, index.until.levels[0])
        touched = np.flatnonzero(np.isin(wanted, groups))
        dirty[touched] |= until[np.searchsorted(groups, wanted[touched])] > arrived[touched]
    return dirty


def _oldest(primitive, stream, index, events, asked):
    table, stride = index.table, index.stride
    wanted, times = events.codes[stream.by][asked], events.times[asked]
    first = _firsts(index.composite // stride, index.places, wanted, stride)
    end = reach(stream, table, events, asked)
    value = np.append(table.times, NULL)[np.where(first < end, first, len(table))]
    if stream.holds_current and not primitive.prior:
        itself = events.codes[stream.key][asked] == wanted
        value = np.where(itself & ((value == NULL) | (value > times)), times, value)
    dirty = _dirty(stream, index, events.arrivals[asked], first, end, index.corrected // stride, wanted)
    return np.where(wanted < 0, NULL, value), dirty & (wanted >= 0)


def _seen(primitive, stream, index, events, asked):
    values, missing = _values(primitive.column, events)
    width = values.max(initial=0) + 1
    keys = events.codes[stream.by][asked]
    absent = missing[asked] | (keys < 0)
    wanted = np.where(absent, -1, keys * width + values[asked])
    places = index.places[~missing[index.places]]
    groups = events.codes[stream.key] * width + values
    first = _firsts(groups[places], places, wanted, index.stride)
    end = reach(stream, index.table, events, asked)
    gone = np.where(missing, -2, groups)[index.corrected % index.stride]
    dirty = _dirty(stream, index, events.arrivals[asked], first, end, gone, wanted)
    return np.where(absent, NULL, (first < end).astype(np.int64)), dirty & ~absent


def _values(column: str, events: Table) -> tuple[ndarray, ndarray]:
    """Dense codes of an event column in time order, and where it is missing."""
    if column in KEY_KINDS:
        codes = events.codes[column]
        return codes, codes < 0
    raw = events.get(column, slice(None))
    return np.unique(raw, return_inverse=True)[1], raw == NULL
