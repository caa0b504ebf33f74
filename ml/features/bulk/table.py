"""Events and facts in time order, with dense integer codes instead of 64-bit keys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from ml.features.columns import ARRIVALS, DAY_COLUMN, FACT_TABLES, KEY_KINDS
from ml.features.durations import DAY
from ml.features.spec import NULL

Facts = Mapping[str, Mapping[str, ndarray]]  # table of facts -> its columns, int64, NULL for missing
_NO_FACTS = dict.fromkeys(("id", "known_at", *ARRIVALS.values()), np.empty(0, np.int64))


@dataclass
class Table:
    """Rows in the order (time, arrival, id). Columns are gathered on demand: int64, NULL for missing.

    order     row of the caller's arrays that stands at each place; in_order when it is the same one
    arrivals  id of the event each row arrived with: it counts for events with greater ids; None when
              the time alone says for which it counts
    codes  key column -> int64 [n]: the same code for the same entity in every table, -1 for missing
    """

    columns: Mapping[str, ndarray]
    time: str
    order: ndarray
    in_order: bool
    times: ndarray
    arrivals: ndarray | None
    codes: dict[str, ndarray]

    def __len__(self) -> int:
        return len(self.order)

    def get(self, column: str, places: ndarray | slice) -> ndarray:
        if column == DAY_COLUMN:
            return self.times[places] // DAY
        if column not in self.columns:
            return np.full(len(self.order[places]), NULL)
        return self.columns[column][places if self.in_order else self.order[places]]


def tables(
    name: str, events: Mapping[str, ndarray], facts: Facts | None, keys: Iterable[str]
) -> dict[str, Table]:
    """The table of events `name` and those of facts, ordered, with one code for every entity of `keys`.

    Absent facts are empty.
    """
    found = {name: _ordered(name, events, "occurred_at")}
    for table in FACT_TABLES:
        found[table] = _ordered(table, (facts or {}).get(table) or _NO_FACTS, "known_at")
    keys = sorted(keys)
    for kind in sorted({KEY_KINDS[k] for k in keys}):
        same_kind = [k for k in keys if KEY_KINDS[k] == kind]
        present = [(t, k) for t in found.values() for k in same_kind if k in t.columns]
        _encode(present)
    for rows in found.values():
        for key in keys:
            rows.codes.setdefault(key, np.full(len(rows), -1))
    return found


def coded_tables(
    name: str,
    events: Mapping[str, ndarray],
    facts: Facts | None,
    codes: Mapping[str, Mapping[str, ndarray]],
    keys: Iterable[str],
) -> dict[str, Table]:
    """As `tables`, with codes that the caller keeps: table -> key column -> int64 by row, -1 for missing."""
    found = {name: _ordered(name, events, "occurred_at")}
    for table in FACT_TABLES:
        found[table] = _ordered(table, (facts or {}).get(table) or _NO_FACTS, "known_at")
    for table, rows in found.items():
        for key in keys:
            given = codes.get(table, {}).get(key)
            rows.codes[key] = np.full(len(rows), -1) if given is None else given[rows.order]
    return found


def _ordered(name: str, columns: Mapping[str, ndarray], time: str) -> Table:
    times, ids = columns[time], columns["id"]
    arrivals = columns[ARRIVALS[name]] if name in ARRIVALS else None
    by = (ids, times) if arrivals is None or arrivals is ids else (ids, arrivals, times)
    in_order = all((np.diff(column) >= 0).all() for column in by)
    order = np.arange(len(ids)) if in_order else np.lexsort(by)
    arrivals = None if arrivals is None else arrivals[order]
    return Table(columns, time, order, in_order, times[order], arrivals, {})


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
