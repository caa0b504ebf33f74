"""A bounded, even sample of labelled rows, drawn while a file goes by: texts of the columns left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ml.history.profile import LONGEST_TEXT

MOST_ROWS = 20_000
MOST_CELLS = 2_000_000


class Reservoir:
    """At most 20,000 labelled rows, up to half of them fraud, with the texts of some columns.

    After `settle`, `rows` are places in the history and `texts` the columns' texts there.
    """

    def __init__(self, places: dict[str, int], seed: int = 1):
        self.places = places
        self.most = max(min(MOST_ROWS, MOST_CELLS // max(len(places), 1)), 500) // 2
        self.random = np.random.default_rng(seed)
        self.seen = 0
        self.kept: dict[int, tuple[np.ndarray, np.ndarray, list[tuple[str, ...]]]] = {
            y: (np.empty(0), np.empty(0, np.int64), []) for y in (0, 1)
        }
        self.rows = np.empty(0, np.int64)
        self.texts: dict[str, list[str]] = {}

    def add(self, y: np.ndarray, columns: Sequence[Sequence[str]]) -> None:
        chosen = [columns[place] for place in self.places.values()]
        for label, (keys, rows, texts) in self.kept.items():
            found = np.flatnonzero(y == label)
            drawn = self.random.random(len(found))
            if len(keys) >= self.most:  # most rows of a long file cannot enter any more
                enters = drawn < keys.max()
                found, drawn = found[enters], drawn[enters]
            new = [tuple(column[row][:LONGEST_TEXT] for column in chosen) for row in found]
            merged = np.append(keys, drawn), np.append(rows, found + self.seen), texts + new
            self.kept[label] = _smallest(*merged, self.most)
        self.seen += len(y)

    def settle(self, order: np.ndarray) -> None:
        """`order` gives the rows of the file that stand at each place of the history."""
        places = np.full(self.seen, -1)
        places[order] = np.arange(len(order))
        rows = np.concatenate([rows for _, rows, _ in self.kept.values()])
        texts = [row for _, _, kept in self.kept.values() for row in kept]
        where = places[rows]
        by_place = [at for at in np.argsort(where, kind="stable") if where[at] >= 0]
        self.rows = where[by_place]
        self.texts = {name: [texts[at][number] for at in by_place] for number, name in enumerate(self.places)}
        self.kept.clear()


def _smallest(keys: np.ndarray, rows: np.ndarray, texts: list, most: int):
    if len(keys) <= most:
        return keys, rows, texts
    chosen = np.argpartition(keys, most)[:most]
    return keys[chosen], rows[chosen], [texts[place] for place in chosen]
