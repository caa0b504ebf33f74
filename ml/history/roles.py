"""The roles of a chunk of rows: time, label, amount, keys, place; and the rows that these refuse."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ml.features.durations import DAY
from ml.features.spec import NULL
from ml.history.columns import Keys
from ml.history.history import UNKNOWN
from ml.history.labels import LabelReader
from ml.history.mapping import Column, HistoryMapping
from ml.history.moments import MomentReader
from ml.history.numbers import numbers as read_numbers
from ml.history.source import Source
from ml.history.times import TimeReader, read_moments

MINOR = 100
MOST_MONEY = 1e13
LONGEST_ID = 128
Columns = Sequence[Sequence[str]]
Reasons = dict[int, tuple[str, str]]  # row -> column, why it is refused


class RoleReader:
    """Reads the roles of one file's rows, one chunk after the other."""

    def __init__(self, mapping: HistoryMapping, source: Source, marks: frozenset[str]):
        self.mapping, self.source, self.marks = mapping, source, marks
        self.decimal = mapping.read.decimal or "."
        time, label = mapping.time, mapping.label
        if time:
            self.time_places = self._places("time.column", time.columns)
            names = [source.columns[place] for place in self.time_places]
            self.times = TimeReader(time, names, self.decimal)
        if label:
            self.label_place = source.place("label.column", label.column)
            self.labels = LabelReader(label, marks)
        if label and label.time_column is not None:
            self.known_place = source.place("label.time_column", label.time_column)
            dayfirst = bool(time and time.kind == "dayfirst")
            offset = time and time.kind in ("seconds", "hours", "ordinal")
            self.known = TimeReader(time, ["known"], self.decimal) if offset else MomentReader(dayfirst)
        self.keys = {
            column: (Keys(kind, marks), self._places(role, getattr(mapping, role)))
            for role, column, kind in _KEY_ROLES
            if getattr(mapping, role)
        }
        self.id_place = self._place("id", mapping.id)
        self.amount_place = self._place("amount", mapping.amount)
        self.weight_place = self._place("weight", mapping.weight)
        self.location = mapping.location and self._places("location", mapping.location)

    def given(self) -> frozenset[str]:
        names = ("id", "time", "entity", "counterparty", "device", "amount", "location", "label", "weight")
        return frozenset(name for name in names if getattr(self.mapping, name) not in (None, ()))

    def places(self) -> set[int]:
        """Where the columns stand that have a role."""
        found = {self.id_place, self.amount_place, self.weight_place, *(self.location or ())} - {None}
        found |= {place for _, places in self.keys.values() for place in places}
        found |= set(self.time_places) if self.mapping.time else set()
        if self.mapping.label:
            found.add(self.label_place)
            found |= {self.known_place} if self.mapping.label.time_column is not None else set()
        return found

    def read(self, columns: Columns, numbers: Sequence[int]) -> tuple[dict[str, np.ndarray], Reasons]:
        """Arrays by name for every row of the chunk, and the rows that must be left out."""
        n, reasons = len(columns[0]), {}
        found: dict[str, np.ndarray] = {"ids": self._ids(columns, numbers, reasons)}
        if self.mapping.time:
            self._time(columns, found, reasons)
        if self.amount_place is not None:
            self._amount(columns, found, reasons)
        if self.weight_place is not None:
            self._weight(columns, found, reasons)
        if self.location:
            for name, place in zip(("latitude_e6", "longitude_e6"), self.location, strict=True):
                found[name] = self._degrees(columns[place], 90 if name == "latitude_e6" else 180)
        found["y"] = (
            self.labels.read(columns[self.label_place])
            if self.mapping.label
            else np.full(n, UNKNOWN, np.int8)
        )
        found["known_at"] = self._known_at(columns, found)
        return found, reasons

    def _ids(self, columns: Columns, numbers: Sequence[int], reasons: Reasons) -> np.ndarray:
        if self.id_place is None:
            return np.array(numbers).astype(str)
        texts = [text.strip() for text in columns[self.id_place]]
        for row, text in enumerate(texts):
            if not text:
                reasons[row] = (self._name(self.id_place), "is missing; every row needs its id")
            elif len(text) > LONGEST_ID:
                detail = f"has {len(text):,} characters; at most {LONGEST_ID}"
                reasons[row] = (self._name(self.id_place), detail)
                texts[row] = text[:LONGEST_ID]
        return np.array(texts, np.str_)

    def _time(self, columns: Columns, found: dict[str, np.ndarray], reasons: Reasons) -> None:
        times, hours, wrong = self.times.read([columns[place] for place in self.time_places])
        name = " + ".join(self._name(place) for place in self.time_places)
        reasons.update({row: (name, why) for row, why in wrong.items()})
        found |= {"times": times, "local_hour": hours}

    def _amount(self, columns: Columns, found: dict[str, np.ndarray], reasons: Reasons) -> None:
        texts, name = columns[self.amount_place], self._name(self.amount_place)
        values, wrong = read_numbers(texts, self.decimal, self.marks)
        for row in wrong:
            reasons[int(row)] = (name, f"'{texts[row][:40]}' is not a number")
        for row in np.flatnonzero(np.abs(values) >= MOST_MONEY):
            reasons[int(row)] = (name, f"'{texts[row][:40]}' is too large; amounts are below 10^13")
            values[row] = np.nan
        missing = np.isnan(values)
        minor = np.where(missing, NULL, np.rint(np.nan_to_num(values) * MINOR)).astype(np.int64)
        logs = np.rint(10_000 * np.log(np.maximum(minor, 1))).astype(np.int64)
        found["amount_minor"] = found["original_minor"] = minor
        found["amount_ln"] = np.where(minor > 0, logs, NULL)

    def _weight(self, columns: Columns, found: dict[str, np.ndarray], reasons: Reasons) -> None:
        texts = columns[self.weight_place]
        values, wrong = read_numbers(texts, self.decimal, self.marks)
        for row in {*wrong.tolist(), *np.flatnonzero(values < 0).tolist()}:
            detail = f"'{texts[row][:40]}' is no weight; a weight is a number of at least 0"
            reasons[row] = (self._name(self.weight_place), detail)
        found["weight"] = np.nan_to_num(values, nan=1.0).astype(np.float32)

    def _degrees(self, texts: Sequence[str], most: int) -> np.ndarray:
        values, _ = read_numbers(texts, self.decimal, self.marks)
        usable = np.abs(values) <= most  # NaN is not
        return np.where(usable, np.rint(np.where(usable, values, 0) * 1_000_000), NULL).astype(np.int64)

    def _known_at(self, columns: Columns, found: dict[str, np.ndarray]) -> np.ndarray:
        y, times = found["y"], found.get("times")
        if times is None:
            return np.full(len(y), NULL)
        known = times + round(self.mapping.label_delay_days * DAY)
        if self.mapping.label and self.mapping.label.time_column is not None:
            texts = columns[self.known_place]
            offset = isinstance(self.known, TimeReader)
            told = self.known.read([texts])[0] if offset else read_moments(texts, self.known)[0]
            known = np.where(told == NULL, known, np.maximum(told, times))
        return np.where((y == UNKNOWN) | (times == NULL), NULL, known)

    def _name(self, place: int) -> str:
        return self.source.columns[place]

    def _place(self, key: str, column: Column | None) -> int | None:
        return None if column is None else self.source.place(key, column)

    def _places(self, key: str, columns: Sequence[Column]) -> list[int]:
        return [self.source.place(key, column) for column in columns]


_KEY_ROLES = (
    ("entity", "sender_key", "account"),
    ("counterparty", "receiver_key", "account"),
    ("counterparty", "merchant_key", "merchant"),
    ("device", "device_key", "device"),
)
