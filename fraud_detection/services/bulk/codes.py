"""Dense numbers for the 64-bit keys of entities, the same for the same key as long as they are kept."""

import numpy as np

from ml.features.spec import NULL


class Codes:
    """Numbers 0, 1, 2, ... of one kind of key in the order in which keys are met."""

    def __init__(self) -> None:
        self._keys = np.empty(0, np.int64)
        self._codes = np.empty(0, np.int64)

    def __len__(self) -> int:
        return len(self._keys)

    def of(self, keys: np.ndarray) -> np.ndarray:
        """int64 [n], -1 for NULL; new keys get the next numbers."""
        distinct, places = np.unique(keys, return_inverse=True)
        at = np.searchsorted(self._keys, distinct)
        known = np.append(self._keys, NULL)[at] == distinct
        known |= distinct == NULL
        fresh = distinct[~known]
        if len(fresh):
            gaps = np.searchsorted(self._keys, fresh)
            self._codes = np.insert(self._codes, gaps, np.arange(len(fresh)) + len(self._keys))
            self._keys = np.insert(self._keys, gaps, fresh)
            at = np.searchsorted(self._keys, distinct)
        codes = np.where(distinct == NULL, -1, np.append(self._codes, -1)[at])
        return codes[places]


class Since:
    """For each code of a kind, the moment from which its history is known; the greatest: not at all."""

    UNKNOWN = np.iinfo(np.int64).max

    def __init__(self) -> None:
        self._moments = np.empty(0, np.int64)
        self._complete = np.empty(0, bool)

    def _grown(self, count: int) -> None:
        more = count - len(self._moments)
        if more > 0:
            self._moments = np.append(self._moments, np.full(more, self.UNKNOWN))
            self._complete = np.append(self._complete, np.zeros(more, bool))

    def unknown(self, codes: np.ndarray, moments: np.ndarray, count: int) -> np.ndarray:
        """Which of the codes are not known from these moments on; there are `count` codes by now."""
        self._grown(count)
        return moments < self._moments[codes]

    def learn(self, codes: np.ndarray, moments: np.ndarray, complete: np.ndarray) -> None:
        """Enter codes, each once; `complete` when nothing older was left out."""
        self._moments[codes] = moments
        self._complete[codes] = complete

    def complete(self, codes: np.ndarray, count: int) -> np.ndarray:
        """Which of the codes (-1: none) have nothing stored that is not known."""
        self._grown(count)
        return np.append(self._complete, True)[codes]
