"""Stored history of the entities that rows name, kept between the chunks of a file.

Rows stand in the order (occurred_at, id). For an entity that is known since a moment, all rows are there that
an event from then on can look back on; what others store meanwhile is added at each look (`refresh`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.db import connection

from fraud_detection.services.batch.history import columns_read, selected_column
from fraud_detection.services.bulk.arrivals import Arrivals, ids_above
from fraud_detection.services.bulk.codes import Codes, Since
from fraud_detection.services.bulk.reading import NotPlain
from ml.features.columns import EVENT_COLUMNS, EVENT_TABLE, KEY_KINDS
from ml.features.spec import BOUND, NULL, FeatureSet, Stream
from ml.features.sql import row_condition
from transactions.services import copy_out

MOST_ROWS = 1_500_000  # about 300 MB; beyond it everything is read again
MOST_MORE = 400_000  # beside those that a first look found: more take memory, and time of every chunk
MOST_LATER = 200_000  # stored events after a file's that are read with its entities
LATER = f"select count(*) from (select 1 from {EVENT_TABLE} where occurred_at > %s limit {MOST_LATER + 1}) t"
CHANGES = "select n_tup_upd + n_tup_del from pg_stat_user_tables where relname = 'transactions_transaction'"
FOREVER = 2**62
TIME = "occurred_at"
Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Reading:
    """Whose rows streams read: the newest before an event by this key, where conditions hold, delayed."""

    key: str
    where: tuple
    delay: int

    @classmethod
    def of(cls, stream: Stream) -> "Reading":
        return cls(stream.key, stream.where, stream.delay)


class Memory:
    """What is known of stored history; one for each feature set and process."""

    def __init__(self, feature_set: FeatureSet) -> None:
        self.feature_set = feature_set
        streams = [stream for stream in feature_set.streams if stream.table == EVENT_TABLE]
        self.readings = sorted({Reading.of(stream) for stream in streams}, key=lambda r: (r.delay, repr(r)))
        self.asked_by = {r: {s.by for s in streams if Reading.of(s) == r} for r in self.readings}
        self.keys = [name for name in EVENT_COLUMNS if name in KEY_KINDS]
        read = {name for stream in streams for name in columns_read(feature_set, stream)}
        read |= {p.column for p in feature_set.primitives if p.is_probe and p.column}
        self.names = [name for name in EVENT_COLUMNS if name in read or name in (*self.keys, TIME, "id")]
        self.arrivals = Arrivals()
        self.changes = 0
        self.forget()

    def forget(self) -> None:
        self.rows = {name: np.empty(0, np.int64) for name in self.names}
        self.codes = {name: np.empty(0, np.int64) for name in self.keys}
        self.ids = np.empty(0, np.int64)  # sorted
        self.coders = {kind: Codes() for kind in set(KEY_KINDS.values())}
        self.since = {reading: Since() for reading in self.readings}
        self.until: int | None = None
        self.first: int | None = None  # rows that the first look found
        self.floor = 0

    def __len__(self) -> int:
        return len(self.ids)

    def code(self, key: str, values: np.ndarray) -> np.ndarray:
        return self.coders[KEY_KINDS[key]].of(values)

    def refresh(self, batch: Arrays) -> None:
        """Add what was stored since the last look, and what the batch's entities can look back on."""
        latest = int(batch[TIME].max())
        before, self.changes = self.changes, self._changes()
        too_late = self.until is not None and latest > self.until
        too_many = len(self) > MOST_ROWS or len(self) - (self.first or 0) > MOST_MORE
        if too_many or too_late or before != self.changes or self._is_gone():
            self.forget()
        visible, self.floor = self.floor, self.arrivals.floor()
        if self.until is None:
            self.until = self._until(latest)
        else:
            self._add(self._unknown_ids(self._stored_since(visible)))
        self._add(self._unknown_ids(np.concatenate([self._missing(r, batch) for r in self.readings])))
        self.first = len(self) if self.first is None else self.first
        if len(self) > 2 * MOST_ROWS:
            raise NotPlain("the entities of these rows have too long a history")

    def _changes(self) -> int:
        """Grows, a second later at most, with every stored event that is changed or deleted."""
        with connection.cursor() as cursor:
            cursor.execute(CHANGES)
            return cursor.fetchone()[0]

    def _is_gone(self) -> bool:
        """Whether the newest of the known rows is no more."""
        if not len(self.ids):
            return False
        with connection.cursor() as cursor:
            query = f"select 1 from {EVENT_TABLE} where id = %s"  # nosec B608
            cursor.execute(query, (int(self.ids[-1]),))
            return cursor.fetchone() is None

    def _stored_since(self, floor: int) -> np.ndarray:
        """Ids of what was not visible at the last look; a correction takes rows from what is known."""
        found = ids_above(floor)
        unknown = self._unknown_ids(found)
        with connection.cursor() as cursor:
            query = f"select exists (select 1 from {EVENT_TABLE} where superseded_by_id = any(%s))"
            cursor.execute(query, (unknown.tolist(),))
            corrected = cursor.fetchone()[0]
        if corrected:
            floor, until = self.floor, self.until
            self.forget()
            self.floor, self.until = floor, until
        return found

    def _until(self, latest: int) -> int:
        """Rows that happened later than this are not read with their entities."""
        with connection.cursor() as cursor:
            cursor.execute(LATER, (_timestamps(np.array([latest]))[0],))
            return FOREVER if cursor.fetchone()[0] <= MOST_LATER else latest

    def _unknown_ids(self, ids: np.ndarray) -> np.ndarray:
        ids = np.sort(ids)  # np.unique hashes, which takes ten times as long
        ids = ids[np.diff(ids, prepend=-1) > 0]
        if not len(self.ids):
            return ids
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return ids[self.ids[at] != ids]

    def _missing(self, reading: Reading, batch: Arrays) -> np.ndarray:
        """Ids of stored rows of this reading, of the batch's entities that are not known yet."""
        keys = np.concatenate([batch[by] for by in sorted(self.asked_by[reading])])
        times = np.concatenate([batch[TIME] for _ in self.asked_by[reading]])
        there = keys != NULL
        if not there.any():
            return np.empty(0, np.int64)
        distinct, groups = np.unique(keys[there], return_inverse=True)
        earliest = np.full(len(distinct), np.iinfo(np.int64).max)
        np.minimum.at(earliest, groups, times[there])
        codes = self.code(reading.key, distinct)
        count = len(self.coders[KEY_KINDS[reading.key]])
        since = self.since[reading]
        unknown = since.unknown(codes, earliest, count)
        if reading.delay and (undelayed := self.since.get(Reading(reading.key, reading.where, 0))):
            unknown &= ~undelayed.complete(codes, count)
        places = np.flatnonzero(unknown)
        found = self._ids(reading, distinct[places], earliest[places])
        per_entity = np.bincount(found["place"], minlength=len(places))
        since.learn(codes[places], earliest[places], (per_entity < BOUND - 1) & (self.until == FOREVER))
        return found["id"]

    def _ids(self, reading: Reading, keys: np.ndarray, earliest: np.ndarray) -> dict[str, np.ndarray]:
        alive = (f"{reading.key} = wanted.key", "superseded_by_id is null")
        where = (*alive, *(row_condition(c, TIME) for c in reading.where))
        rows = f"select id from {EVENT_TABLE} where {' and '.join(where)}"
        end = "" if self.until == FOREVER else f" and {TIME} <= '{_timestamps(np.array([self.until]))[0]}'"
        query = f"""
            select wanted.place, found.id
            from unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) as wanted(place, key, earliest)
            cross join lateral (
                ({rows} and {TIME} <= wanted.earliest order by {TIME} desc, id desc limit {BOUND - 1})
                union all
                ({rows} and {TIME} > wanted.earliest{end})
            ) found
        """
        places = list(range(len(keys)))
        arguments = (places, keys.tolist(), _timestamps(earliest - reading.delay))
        return copy_out(query, arguments, ("place", "id"))

    def _add(self, ids: np.ndarray) -> None:
        """Read stored rows by their ids, which are not known yet."""
        if not len(ids):
            return
        selected = ", ".join(
            name if name in (TIME, "id") else selected_column(self.feature_set, name) for name in self.names
        )
        query = (
            f"select {selected} from {EVENT_TABLE} where id = any(%s::bigint[]) and superseded_by_id is null"
        )
        self.store(copy_out(query, (ids.tolist(),), self.names, times=(TIME,)))

    def store(self, rows: Arrays) -> None:
        """Enter rows with ids that are not known yet."""
        order = np.lexsort((rows["id"], rows[TIME]))
        at = np.searchsorted(self.rows[TIME], rows[TIME][order], "right")
        codes = {key: self.code(key, rows[key][order]) for key in self.keys}
        self.rows = {name: _inserted(self.rows[name], at, rows[name][order]) for name in self.names}
        self.codes = {key: _inserted(self.codes[key], at, codes[key]) for key in self.keys}
        self._put_in_order()
        self.ids = np.sort(np.concatenate([self.ids, rows["id"]]))

    def _put_in_order(self) -> None:
        """Rows of one instant in the order of their ids."""
        times, ids = self.rows[TIME], self.rows["id"]
        if ((np.diff(times) == 0) & (np.diff(ids) < 0)).any():
            order = np.lexsort((ids, times))
            self.rows = {name: column[order] for name, column in self.rows.items()}
            self.codes = {key: column[order] for key, column in self.codes.items()}

    def about(self, batch: Arrays) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Columns and codes of the known rows that share an entity with the batch."""
        named: dict[str, np.ndarray] = {}
        for key in self.keys:
            kind, codes = KEY_KINDS[key], self.code(key, batch[key])
            flags = named.setdefault(kind, np.zeros(len(self.coders[kind]) + 1, bool))
            if len(flags) <= len(self.coders[kind]):
                flags = named[kind] = np.append(
                    flags, np.zeros(len(self.coders[kind]) + 1 - len(flags), bool)
                )
            flags[codes[codes >= 0]] = True
        chosen = np.zeros(len(self), bool)
        for key, codes in self.codes.items():
            flags = named[KEY_KINDS[key]]
            chosen |= flags[codes]  # -1, the last, is nobody's
        if chosen.all():
            return dict(self.rows), dict(self.codes)
        at = np.flatnonzero(chosen)
        rows = {name: column[at] for name, column in self.rows.items()}
        return rows, {key: column[at] for key, column in self.codes.items()}

    def complete(self, stream: Stream, batch: Arrays) -> np.ndarray:
        """Which events of the batch have all stored history of a stream in here."""
        codes = self.code(stream.by, batch[stream.by])
        reading = Reading.of(stream)
        return self.since[reading].complete(codes, len(self.coders[KEY_KINDS[stream.by]]))


def _inserted(column: np.ndarray, at: np.ndarray, values: np.ndarray) -> np.ndarray:
    if not len(at) or at[0] == len(column):
        return np.concatenate([column, values])
    return np.insert(column, at, values)


def _timestamps(microseconds: np.ndarray) -> list[str]:
    return np.datetime_as_string(microseconds.astype("datetime64[us]"), timezone="UTC").tolist()
