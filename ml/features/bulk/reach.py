"""Which rows of a table are history of an event, as the place of the first that is not."""

import numpy as np
from numpy import ndarray

from ml.features.bulk.table import Table
from ml.features.spec import Stream


def reach(stream: Stream, table: Table, events: Table, part: slice | ndarray) -> ndarray:
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


def _before(table: Table, events: Table, part: slice | ndarray) -> ndarray:
    """Place of the first row not before (time, id) of each event: a search over pairs."""
    now, ids = events.times[part], events.arrivals[part]
    low, high = np.searchsorted(table.times, now, "left"), np.searchsorted(table.times, now, "right")
    # Rows of one instant stand in order of arrival: halve their range until it is empty.
    tied = np.flatnonzero(low < high)
    while len(tied):
        middle = (low[tied] + high[tied]) // 2
        earlier = table.arrivals[middle] < ids[tied]
        low[tied[earlier]] = middle[earlier] + 1
        high[tied[~earlier]] = middle[~earlier]
        tied = tied[low[tied] < high[tied]]
    return low
