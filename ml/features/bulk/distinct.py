"""Exact distinct counts over sliding windows.

Each row enters and leaves the windows of its entity once. It adds one when it enters and its value is not
there yet, and takes one when it leaves and its value does not stay: two cumulative sums per window.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from ml.features.bulk.window import StreamWindow
from ml.features.columns import KEY_KINDS
from ml.features.spec import AMOUNT_COLUMN, NULL, Primitive


@dataclass
class Chains:
    """The kept local rows chained by (entity, value), in time order.

    before, after  local row of the previous and the next row of the same chain; -1, and the number of rows
    pairs          distinct (entity, value) in order, as one int64
    composite      chain number * stride + local row, sorted
    """

    before: ndarray
    after: ndarray
    pairs: ndarray
    composite: ndarray
    stride: int

    def find(self, pairs: ndarray, rows: ndarray) -> tuple[ndarray, ndarray]:
        """Return how many chained rows stand before (pair, row), and whether the pair occurs."""
        chain = np.searchsorted(self.pairs, pairs)
        there = np.append(self.pairs, -1)[chain] == pairs
        return np.searchsorted(self.composite, chain * self.stride + rows), there

    def previous(self, pairs: ndarray, rows: ndarray) -> ndarray:
        """Return the last row of each pair before the row, -1 when there is none."""
        found, there = self.find(pairs, rows)
        candidate = np.append(self.composite, -1)[found - 1]
        chain = np.searchsorted(self.pairs, pairs)
        there &= (found > 0) & (candidate // self.stride == chain)
        return np.where(there, candidate % self.stride, -1)


def _pairs(window: StreamWindow, column: str) -> tuple[ndarray, ndarray]:
    """(entity, value) as one integer, for the local rows and for the asking events; -1 without a value."""
    if column in KEY_KINDS:
        values = window.index.table.codes[column][window.places]
        own = window.events.codes[column][window.asking] if not window.stream.is_fact else values[:0]
    else:
        stored, asked = window.column(column), window.own_column(column)
        known, codes = np.unique(np.concatenate([stored, asked]), return_inverse=True)
        codes = codes - 1 if len(known) and known[0] == NULL else codes
        values, own = codes[: len(stored)], codes[len(stored) :]
    width = max(values.max(initial=0), own.max(initial=0)) + 1
    groups = window.base // window.index.stride
    pairs = np.where(values < 0, -1, window.groups * width + values)
    return pairs, np.where(own < 0, -1, groups[: len(own)] * width + own)


def _chains(window: StreamWindow, keep: ndarray, column: str) -> Chains:
    count = len(window.places)
    rows = np.flatnonzero(keep)
    pairs = window.cached(("pairs", column), lambda: _pairs(window, column))[0][rows]
    order = np.argsort(pairs, kind="stable")
    rows, pairs = rows[order], pairs[order]
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    chain = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(pairs))))
    before, after = np.full(count, -1), np.full(count, count)
    linked = np.flatnonzero(np.diff(chain) == 0)
    before[rows[linked + 1]] = rows[linked]
    after[rows[linked]] = rows[linked + 1]
    return Chains(before, after, pairs[starts], chain * (count + 1) + rows, count + 1)


def _entering(window: StreamWindow, bounds: ndarray, key: tuple) -> ndarray:
    """Per local row, the first asking event whose bound lies behind the row."""
    length = len(window.places)
    return window.cached(key, lambda: np.cumsum(np.bincount(bounds, minlength=length + 1))[:length])


def distinct(
    window: StreamWindow, primitive: Primitive, keep: ndarray, own: ndarray, low: ndarray, high: ndarray
) -> ndarray:
    """Distinct values of the kept rows of [low, high), and of the current event where `own`."""
    key = (primitive.where, primitive.column)
    chains = window.cached(("chains", *key), lambda: _chains(window, keep, primitive.column))
    asking = len(low)
    enters = _entering(window, high, ("enters", primitive.until))
    leaves = _entering(window, low, ("leaves", primitive.window, primitive.until))
    added = np.flatnonzero(keep & (enters < asking) & (leaves > enters))
    added = added[chains.before[added] < low[enters[added]]]
    taken = np.flatnonzero(keep & (leaves < asking) & (leaves > enters))
    taken = taken[chains.after[taken] >= high[leaves[taken] - 1]]
    change = np.bincount(enters[added], minlength=asking) - np.bincount(leaves[taken], minlength=asking)
    result = np.cumsum(change)
    if own.any():
        previous = window.cached(("previous", *key), lambda: _own_previous(window, primitive, chains, own))
        result += own & (previous < low)
    return result


def _own_previous(window: StreamWindow, primitive: Primitive, chains: Chains, own: ndarray) -> ndarray:
    """Local row of the last earlier row with the current event's value, -1 when there is none."""
    in_rows = np.flatnonzero(own & (window.own_row >= 0))
    previous = np.full(len(own), -1)
    previous[in_rows] = chains.before[window.own_row[in_rows]]
    apart = np.flatnonzero(own & (window.own_row < 0))
    if len(apart):
        pairs = window.cached(("pairs", primitive.column), lambda: _pairs(window, primitive.column))[1]
        previous[apart] = chains.previous(pairs[apart], window.high[apart])
    return previous


def same(window: StreamWindow, primitive: Primitive, keep: ndarray, low: ndarray, high: ndarray) -> ndarray:
    """Kept rows of [low, high) that have the current event's value; NULL when it has none."""
    return _same(window, primitive, keep, low, high, lambda chains: np.arange(len(chains.composite) + 1))


def same_amount(
    window: StreamWindow, primitive: Primitive, keep: ndarray, low: ndarray, high: ndarray
) -> ndarray:
    """Sum of amount_minor over those rows."""

    def running(chains: Chains) -> ndarray:
        amounts = window.column(AMOUNT_COLUMN)[chains.composite % chains.stride]
        return np.concatenate([[0], np.cumsum(np.where(amounts == NULL, 0, amounts))])

    return _same(window, primitive, keep, low, high, running)


def _same(window: StreamWindow, primitive: Primitive, keep: ndarray, low, high, running: Callable) -> ndarray:
    """What `running` gains over the rows of [low, high) in the chain of the current event's value."""
    column = primitive.column
    chains = window.cached(("chains", primitive.where, column), lambda: _chains(window, keep, column))
    pairs = window.cached(("pairs", column), lambda: _pairs(window, column))[1]
    behind, there = chains.find(pairs, high)
    before, _ = chains.find(pairs, low)
    total = window.cached(("running", primitive.aggregate, primitive.where, column), lambda: running(chains))
    return np.where(pairs < 0, NULL, np.where(there, total[behind] - total[before], 0))
