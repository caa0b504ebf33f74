"""Answers about many half-open ranges [low, high) of one array."""

import numpy as np
from numpy import ndarray

from ml.features.spec import NULL


class RangeMax:
    """Largest value of a range, NULL when it is empty, by a sparse table.

    longest  no range is longer than this; the table has log2(longest) levels
    """

    def __init__(self, values: ndarray, longest: int | None = None):
        longest = len(values) if longest is None else min(longest, len(values))
        self.levels = [values]
        width = 1
        while 2 * width <= longest:
            below = self.levels[-1]
            level = below.copy()
            np.maximum(below[:-width], below[width:], out=level[:-width])
            self.levels.append(level)
            width *= 2

    def __call__(self, low: ndarray, high: ndarray) -> ndarray:
        found = np.full(len(low), NULL)
        length = high - low
        level = np.frexp(np.maximum(length, 1).astype(np.float64))[1] - 1
        for number, values in enumerate(self.levels):
            at = np.flatnonzero((level == number) & (length > 0))
            if len(at):
                found[at] = np.maximum(values[low[at]], values[high[at] - (1 << number)])
        return found


class RangeRank:
    """The value of a given rank inside a range, by a wavelet matrix over the kept rows."""

    def __init__(self, values: ndarray, keep: ndarray):
        self.kept_before = np.concatenate([[0], np.cumsum(keep)]).astype(np.int32)
        self.distinct, ranks = np.unique(values[keep], return_inverse=True)
        self.levels: list[tuple[int, ndarray]] = []
        ranks = ranks.astype(np.int32)
        for bit in range(max(len(self.distinct) - 1, 1).bit_length() - 1, -1, -1):
            ones = (ranks >> bit) & 1 == 1
            zeros_before = np.concatenate([[0], np.cumsum(~ones)]).astype(np.int32)
            self.levels.append((bit, zeros_before))
            ranks = np.concatenate([ranks[~ones], ranks[ones]])

    def percentile(self, low: ndarray, high: ndarray, percent: int) -> ndarray:
        """Return the nearest-rank percentile, NULL for ranges without kept rows."""
        low, high = self.kept_before[low], self.kept_before[high]
        found = np.full(len(low), NULL)
        some = np.flatnonzero(high > low)
        if len(some):
            count = (high - low)[some].astype(np.int64)
            rank = (-(-percent * count // 100) - 1).astype(np.int32)
            found[some] = self.distinct[self._descend(low[some], high[some], rank)]
        return found

    def _descend(self, low: ndarray, high: ndarray, rank: ndarray) -> ndarray:
        value = np.zeros(len(rank), np.int32)
        for bit, zeros_before in self.levels:
            low_zeros, high_zeros = zeros_before[low], zeros_before[high]
            zeros = high_zeros - low_zeros
            right = rank >= zeros
            value |= right.astype(np.int32) << bit
            low = np.where(right, zeros_before[-1] + low - low_zeros, low_zeros)
            high = np.where(right, zeros_before[-1] + high - high_zeros, high_zeros)
            rank = np.where(right, rank - zeros, rank)
        return value
