"""Chunk after chunk of a file becomes the columns of a history."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import compress

import numpy as np

from ml.features.durations import DAY
from ml.history.cards import masked
from ml.history.columns import Numbers, Values
from ml.history.history import History
from ml.history.mapping import HistoryMapping
from ml.history.reservoir import Reservoir
from ml.history.roles import RoleReader
from ml.history.settling import Extras
from ml.history.source import Chunk, Refusal

SHOWN_REFUSALS = 50
_DTYPES = {"ids": np.str_, "y": np.int8, "weight": np.float32}
_PAYMENT = 1  # the type of every event: nothing in a mapping says more
_OF_THE_EVENT = (
    *("local_hour", "amount_minor", "amount_ln", "original_minor"),
    *("latitude_e6", "longitude_e6"),
)
_ROLES_WITH_TYPE = {"entity", "counterparty"}


@dataclass
class Tally:
    """What was met on the way: rows read, refused, repeated, out of order."""

    rows: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    same_rows: int = 0
    same_ids: int = 0
    repeated_ids: list[str] = field(default_factory=list)
    left_out: int = 0
    out_of_order: int = 0


class Gatherer:
    """Takes chunks; `history()` gives the whole, in order of time."""

    def __init__(self, mapping: HistoryMapping, roles: RoleReader, extras: Extras, reservoir: Reservoir):
        self.mapping, self.roles, self.extras, self.reservoir = mapping, roles, extras, reservoir
        self.tally = Tally()
        self.values: dict[str, Values] = {}
        self.content = Values(np.int64)

    def add(self, chunk: Chunk) -> None:
        self._refuse(chunk.refused)
        self.tally.rows += len(chunk.rows) + len(chunk.refused)
        if not chunk.rows:
            return
        columns, lines = chunk.columns(), chunk.lines
        found, reasons = self.roles.read(columns, chunk.numbers)
        hashes = np.fromiter((hash(tuple(row)) for row in chunk.rows), np.int64, len(chunk.rows))
        if reasons:
            self._refuse([Refusal(lines[row], *reasons[row]) for row in sorted(reasons)])
            kept = np.ones(len(lines), bool)
            kept[list(reasons)] = False
            columns = [tuple(compress(column, kept)) for column in columns]
            lines = list(compress(lines, kept))
            found, hashes = {name: values[kept] for name, values in found.items()}, hashes[kept]
        if len(lines):
            self._keep(found, hashes, columns, lines)

    def _keep(
        self, found: dict[str, np.ndarray], hashes: np.ndarray, columns: list, lines: list[int]
    ) -> None:
        self.reservoir.add(found["y"], columns)
        self.content.add(hashes)
        for name, values in found.items():
            self.values.setdefault(name, Values(_DTYPES.get(name, np.int64))).add(values)
        for keys, places in self.roles.keys.values():
            keys.add([columns[place] for place in places])
        for place, reader in self.extras.readers.values():
            reader.add(columns[place], lines, found.get("times"))

    def _refuse(self, refusals: list[Refusal]) -> None:
        self.tally.refused += len(refusals)
        shown = refusals[: SHOWN_REFUSALS - len(self.tally.refusals)]
        self.tally.refusals += [one._replace(reason=masked(one.reason)) for one in shown]

    def history(self, name: str) -> History:
        """Lets go of the chunks column by column, so that hardly anything stands in memory twice."""
        order = self._order()
        values = {one: column.take(order) for one, column in self.values.items()}
        events = self._events(values, order)
        numeric, categorical = {}, {}
        for one, (_, reader) in self.extras.readers.items():
            kind = numeric if isinstance(reader, Numbers) else categorical
            kind[one] = reader.take(order)
        self.reservoir.settle(order)
        return History(
            name=name,
            ids=values["ids"],
            times=values.get("times"),
            y=values["y"],
            known_at=values["known_at"],
            weight=values.get("weight"),
            events=events,
            numeric=numeric,
            categorical=categorical,
            roles=self.roles.given(),
            label_delay=round(self.mapping.label_delay_days * DAY),
            mapping=self.mapping.as_json(),
        )

    def _events(self, values: dict[str, np.ndarray], order: np.ndarray) -> dict[str, np.ndarray]:
        events = {"id": np.arange(1, len(order) + 1, dtype=np.int64)}
        if "times" in values:
            events["occurred_at"] = values["times"]
        events |= {column: values[column] for column in _OF_THE_EVENT if column in values}
        events |= {column: keys.take(order) for column, (keys, _) in self.roles.keys.items()}
        if self.roles.given() & _ROLES_WITH_TYPE:
            events["type"] = np.full(len(order), _PAYMENT, np.int64)
        return events

    def _order(self) -> np.ndarray:
        """Rows in order of time and id (of the file where these lack), without those delivered twice."""
        content = np.concatenate(self.content.chunks)
        first = np.unique(content, return_index=True)[1]
        self.tally.same_rows = len(content) - len(first)
        kept = np.arange(len(content))
        if self.mapping.id is not None:
            kept = self._named_once(np.sort(first))
        if "times" not in self.values:
            return kept
        times = np.concatenate(self.values["times"].chunks)
        self.tally.out_of_order = int((np.diff(times) < 0).sum())
        kept = kept[np.argsort(times[kept], kind="stable")]
        return kept if self.mapping.id is None else self._by_id(kept, times[kept])

    def _by_id(self, kept: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Rows of one moment in the order of their ids, 9 before 10: the file's order says nothing then."""
        same = times[1:] == times[:-1]
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        rows = kept[tied]
        ids = np.concatenate(self.values["ids"].chunks)[rows]
        kept[tied] = rows[np.lexsort((ids, np.char.str_len(ids), times[tied]))]
        return kept

    def _named_once(self, kept: np.ndarray) -> np.ndarray:
        """A row that is repeated whole is one event; rows of one id that differ are kept, and told of."""
        self.tally.left_out = self.tally.same_rows
        ids = np.concatenate(self.values["ids"].chunks)[kept]
        _, first, count = np.unique(ids, return_index=True, return_counts=True)
        self.tally.same_ids = int(len(ids) - len(first))
        self.tally.repeated_ids = [str(one) for one in ids[first[count > 1]][:5]]
        return kept
