"""Each aggregate over the windows of one StreamWindow: int64 [asking events], NULL for missing."""

import numpy as np
from numpy import ndarray

from ml.features.bulk.distinct import distinct, same, same_amount
from ml.features.bulk.ranges import RangeMax, RangeRank
from ml.features.bulk.window import StreamWindow
from ml.features.spec import NULL, Primitive


def aggregate(window: StreamWindow, primitive: Primitive) -> ndarray:
    """Return the primitive for every asking event of the window."""
    high = window.until(primitive.until)
    low = np.minimum(window.since(primitive.window), high)
    return _AGGREGATES[primitive.aggregate](window, primitive, low, high)


def _running(mask_or_values: ndarray) -> ndarray:
    return np.concatenate([[0], np.cumsum(mask_or_values)])


def _count(window, primitive, low, high):
    where = primitive.where
    counted = high - low
    if where:
        running = window.cached(("count", where), lambda: _running(window.mask(where)))
        counted = running[high] - running[low]
    return counted + window.own_mask(where) if primitive.counts_current else counted


def _known(window: StreamWindow, primitive: Primitive) -> ndarray:
    """Local rows that meet the filter and have the column."""
    key = ("known", primitive.where, primitive.column)
    return window.cached(
        key, lambda: window.mask(primitive.where) & (window.column(primitive.column) != NULL)
    )


def _own_known(window: StreamWindow, primitive: Primitive) -> ndarray:
    own = window.own_column(primitive.column) != NULL
    return own & window.own_mask(primitive.where) & primitive.counts_current


def _sum(window, primitive, low, high, square=False):
    def values(column: ndarray, known: ndarray) -> ndarray:
        column = np.where(known, column, 0)
        return column * column if square else column

    column = primitive.column
    running = window.cached(
        ("sum", primitive.where, column, square),
        lambda: _running(values(window.column(column), _known(window, primitive))),
    )
    total = running[high] - running[low]
    if primitive.counts_current:
        total += values(window.own_column(column), _own_known(window, primitive))
    return total


def _sumsq(window, primitive, low, high):
    return _sum(window, primitive, low, high, square=True)


def _max(window, primitive, low, high, sign=1):
    column = primitive.column
    largest = window.cached(
        ("max", primitive.where, column, sign),
        lambda: RangeMax(
            np.where(_known(window, primitive), sign * window.column(column), NULL), window.bound
        ),
    )(low, high)
    if primitive.counts_current:
        known = _own_known(window, primitive)
        largest = np.maximum(largest, np.where(known, sign * window.own_column(column), NULL))
    return np.where(largest == NULL, NULL, sign * largest)


def _min(window, primitive, low, high):
    return _max(window, primitive, low, high, sign=-1)


def _newest(window: StreamWindow, primitive: Primitive, low: ndarray, high: ndarray) -> ndarray:
    """Local row of the newest row in the window that meets the filter, -1 when there is none."""
    if not primitive.where:
        return np.where(high > low, high - 1, -1)
    newest = window.cached(
        ("newest", primitive.where),
        lambda: np.concatenate(
            [
                [-1],
                np.maximum.accumulate(
                    np.where(window.mask(primitive.where), np.arange(len(window.places)), -1)
                ),
            ]
        ),
    )[high]
    return np.where(newest >= low, newest, -1)


def _at(values: ndarray, rows: ndarray) -> ndarray:
    """Values at rows, NULL where the row is -1."""
    return np.append(values, NULL)[rows]


def _since(window, primitive, low, high):
    newest = _at(window.times, _newest(window, primitive, low, high))
    return np.where(newest == NULL, NULL, window.events.times[window.asking] - newest)


def _last(window, primitive, low, high):
    return _at(window.column(primitive.column), _newest(window, primitive, low, high))


def _quantile(window, primitive, low, high):
    ranks = window.cached(
        ("rank", primitive.where, primitive.column),
        lambda: RangeRank(window.column(primitive.column), _known(window, primitive)),
    )
    return ranks.percentile(low, high, primitive.quantile)


def _horizon(window, primitive, low, high):
    full = window.high - window.low == window.bound - 1
    return _at(window.times, np.where(full, window.low, -1))


def _distinct(window, primitive, low, high):
    return distinct(window, primitive, _known(window, primitive), _own_known(window, primitive), low, high)


def _same(window, primitive, low, high):
    return same(window, primitive, _known(window, primitive), low, high)


def _same_amount(window, primitive, low, high):
    return same_amount(window, primitive, _known(window, primitive), low, high)


_AGGREGATES = {
    "count": _count,
    "sum": _sum,
    "sumsq": _sumsq,
    "max": _max,
    "min": _min,
    "distinct": _distinct,
    "same": _same,
    "same_amount": _same_amount,
    "since": _since,
    "last": _last,
    "quantile": _quantile,
    "horizon": _horizon,
}
