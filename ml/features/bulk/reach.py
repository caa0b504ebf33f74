"""Which rows of a table are history of an event, as the place of the first that is not."""

import numpy as np
from numpy import ndarray

from ml.features.bulk.table import Table
from ml.features.spec import Stream


def reach(stream: Stream, table: Table, events: Table, part: slice) -> ndarray:
    """Place in the stream's table before which rows had happened and arrived, for events[part].

    Rows that arrived later, though they happened earlier, lie before it too: callers mark those dirty.
    """
    if stream.delay or table.arrivals is None:
        return younger(table, events, part, stream.delay)
    if table is events:
        return np.arange(len(events))[part]
    return _before(table, events, part)


def younger(table: Table, events: Table, part: slice, ago: int) -> ndarray:
    """Place of the first row that is younger than `ago`, for events[part]."""
    return np.searchsorted(table.times, events.times[part] - ago, "right")


def _before(table: Table, events: Table, part: slice) -> ndarray:
    """Place of the first row not before (time, id) of each event: a search over pairs."""
    now, ids = events.times[part], events.arrivals[part]
    low, high = np.searchsorted(table.times, now, "left"), np.searchsorted(table.times, now, "right")
    tied = np.flatnonzero(high > low)
    # Rows of the same instant are few, and stand in order of arrival.
    while len(tied):
        earlier = table.arrivals[low[tied]] < ids[tied]
        tied = tied[earlier]
        low[tied] += 1
        tied = tied[low[tied] < high[tied]]
    return low
