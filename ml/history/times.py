"""The times of rows, by the kind that the mapping says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from ml.features.durations import DAY, HOUR, SECOND
from ml.features.spec import NULL
from ml.history.composed import joined, plan
from ml.history.mapping import TimeMapping
from ml.history.moments import MomentReader
from ml.history.numbers import as_number, is_missing

_UNITS = {"seconds": SECOND, "hours": HOUR, "ordinal": DAY}  # one step of an ordinal counts as one day
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = 0
LATEST = (datetime(2200, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)

Read = tuple[np.ndarray, np.ndarray, dict[int, str]]  # times, local hours (NULL when none), what is wrong


class TimeReader:
    """Reads the time columns of rows, one chunk after the other."""

    def __init__(self, mapping: TimeMapping, names: Sequence[str], decimal: str = "."):
        self.mapping, self.names, self.decimal = mapping, names, decimal
        self.start = (mapping.start - _EPOCH) // timedelta(microseconds=1)
        self.moments = MomentReader(dayfirst=mapping.kind == "dayfirst")
        self._said: tuple[str, ...] = ()

    def read(self, columns: Sequence[Sequence[str]]) -> Read:
        """Times int64 [n] and hours int64 [n]; the rows that have none stand in the dict with the reason."""
        texts = columns[0]
        if len(columns) > 1:
            self._said = self._said or plan(self.names, columns)
            texts = joined(self._said, columns)
        if self.mapping.kind in _UNITS:
            return self._offsets(texts)
        return read_moments(texts, self.moments)

    def _offsets(self, texts: Sequence[str]) -> Read:
        unit, wrong = _UNITS[self.mapping.kind], {}
        times = np.full(len(texts), NULL)
        for row, text in enumerate(texts):
            number = as_number(text, self.decimal)
            if number is None:
                wrong[row] = _no_number(text, self.mapping.kind)
                continue
            at = self.start + round(number * unit)
            if not EARLIEST <= at < LATEST:
                wrong[row] = (
                    f"'{text[:40]}' lies outside the years 1970 to 2200 by the kind {self.mapping.kind}"
                )
                continue
            times[row] = at
        if self.mapping.kind == "ordinal":
            return times, np.full(len(texts), NULL), wrong
        return times, np.where(times == NULL, NULL, times % DAY // HOUR), wrong


def read_moments(texts: Sequence[str], moments: MomentReader, *, any_year: bool = False) -> Read:
    """Times of texts that are dates or moments; those outside 1970 to 2200 are wrong unless any will do."""
    times, hours = np.full(len(texts), NULL), np.full(len(texts), NULL)
    wrong: dict[int, str] = {}
    for row, text in enumerate(texts):
        try:
            at, hour = moments.read(text)
            if not (any_year or EARLIEST <= at < LATEST):
                raise ValueError(f"'{text[:40]}' lies outside the years 1970 to 2200")
            times[row], hours[row] = at, hour
        except ValueError as error:
            wrong[row] = "is missing" if is_missing(text) else str(error)
    return times, hours, wrong


def _no_number(text: str, kind: str) -> str:
    if is_missing(text):
        return "is missing"
    return f"'{text[:40]}' is not a number; a time of kind {kind} is one"
