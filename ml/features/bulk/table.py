"""Events and labels in time order, with dense integer codes instead of 64-bit keys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from ml.features.columns import DAY_COLUMN, KEY_KINDS
from ml.features.durations import DAY
from ml.features.spec import NULL


@dataclass
class Table:
    """Rows in the order (time, id). Columns are gathered on demand: int64, NULL for missing.

    order  row of the caller's arrays that stands at each place
    codes  key column -> int64 [n]: the same code for the same entity in every table, -1 for missing
    """

    columns: Mapping[str, ndarray]
    time: str
    order: ndarray
    times: ndarray
    ids: ndarray
    codes: dict[str, ndarray]

    def __len__(self) -> int:
        return len(self.order)

    def get(self, column: str, places: ndarray | slice) -> ndarray:
        if column == DAY_COLUMN:
            return self.times[places] // DAY
        if column not in self.columns:
            return np.full(len(self.order[places]), NULL)
        return self.columns[column][self.order[places]]


def tables(
    events: Mapping[str, ndarray], labels: Mapping[str, ndarray] | None, keys: Iterable[str]
) -> tuple[Table, Table]:
    """Order both and give every entity of `keys` one code; labels may be None."""
    labels = labels or {name: np.empty(0, np.int64) for name in ("id", "known_at", "fraud_delta")}
    both = _ordered(events, "occurred_at"), _ordered(labels, "known_at")
    keys = sorted(keys)
    for kind in sorted({KEY_KINDS[k] for k in keys}):
        same_kind = [k for k in keys if KEY_KINDS[k] == kind]
        present = [(t, k) for t in both for k in same_kind if k in t.columns]
        _encode(present)
    for table in both:
        for key in keys:
            table.codes.setdefault(key, np.full(len(table), -1))
    return both


def _ordered(columns: Mapping[str, ndarray], time: str) -> Table:
    times, ids = columns[time], columns["id"]
    if len(ids) and (np.diff(times) >= 0).all() and (np.diff(ids) > 0).all():
        order = np.arange(len(ids))
    else:
        order = np.lexsort((ids, times))
    return Table(columns, time, order, times[order], ids[order], {})


def _encode(present: list[tuple[Table, str]]) -> None:
    keys = [t.get(k, slice(None)) for t, k in present]
    distinct, codes = np.unique(np.concatenate(keys), return_inverse=True)
    # NULL is the smallest int64, so it is the first value when it occurs at all.
    if len(distinct) and distinct[0] == NULL:
        codes = codes - 1
    start = 0
    for (table, key), column in zip(present, keys, strict=True):
        table.codes[key] = codes[start : start + len(column)]
        start += len(column)
