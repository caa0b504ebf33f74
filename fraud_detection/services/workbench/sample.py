"""The newest stored decisions of an engine as columns: what a rule being written is tried on.

Kept in the process: reading it costs a tenth of a second and 10 MB at most. A full sample is a day old at
most; while there are few decisions it is read again after a minute.
"""

import json
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from django.db import connection

from fraud_detection.models import FeatureSetVersion
from fraud_detection.rules.columns import Column, Texts
from fraud_detection.rules.language import Kind

MOST = 5_000
WITHIN_IDS = 100_000  # engines share one sequence: a rare one may have fewer rows, the cost stays bounded
ENOUGH = 50  # below, a sample says nothing about what is usual
FULL_LASTS, SMALL_LASTS = 86_400.0, 60.0  # seconds
NEWEST = """
    select feature_set_version, features, texts::text
    from fraud_detection_assessment
    where id > (select coalesce(max(id), 0) from fraud_detection_assessment) - %(within)s
      and engine = %(engine)s and not degraded_parts @> '["features"]'
    order by id desc limit %(most)s
"""


@dataclass(frozen=True)
class Sample:
    """`numbers` float64 [n] by name, NaN missing; `texts`, with bools of the context, None missing."""

    rows: int
    numbers: Mapping[str, np.ndarray]
    texts: Mapping[str, np.ndarray]
    read_at: float = 0.0
    _encoded: dict[str, Texts] = field(default_factory=dict, compare=False)

    @property
    def is_enough(self) -> bool:
        return self.rows >= ENOUGH

    def column(self, name: str, kind: Kind) -> Column:
        """As the numpy evaluator reads it; all missing for a name no decision of the sample has."""
        if kind is Kind.TEXT:
            if name not in self._encoded:
                self._encoded[name] = Texts.encode(self.texts.get(name, np.full(self.rows, None)))
            return self._encoded[name]
        if name in self.numbers:
            return self.numbers[name]
        found = self.texts.get(name)
        if found is None:
            return np.full(self.rows, np.nan)
        return np.array([np.nan if value is None else float(value) for value in found], np.float64)

    def columns(self, kinds: Mapping[str, Kind], names: Iterable[str]) -> dict[str, Column]:
        """Columns for an evaluation; never empty, so that even a constant has rows."""
        return {"": np.zeros(self.rows)} | {name: self.column(name, kinds[name]) for name in names}

    def missing(self, name: str, kind: Kind) -> float:
        """The share of rows without a value."""
        column = self.column(name, kind)
        absent = column.codes < 0 if isinstance(column, Texts) else np.isnan(column)
        return float(absent.mean()) if self.rows else 0.0


_lock = threading.Lock()
_known: dict[str, Sample] = {}


def newest_decisions(engine: str, *, again: bool = False) -> Sample:
    """The engine's newest decisions, at most MOST; `again` reads them now."""
    found = _known.get(engine)
    now = time.monotonic()
    if found is not None and not again:
        lasts = FULL_LASTS if found.rows >= MOST else SMALL_LASTS
        if now - found.read_at < lasts:
            return found
    with _lock:
        _known[engine] = found = _read(engine, now)
    return found


def forget() -> None:
    """Make this process read again."""
    with _lock:
        _known.clear()


def _read(engine: str, now: float) -> Sample:
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, {"engine": engine, "within": WITHIN_IDS, "most": MOST})
        rows = cursor.fetchall()
    return Sample(len(rows), _numbers(rows), _texts(rows), now)


def _numbers(rows: list[tuple]) -> dict[str, np.ndarray]:
    """Column by column over every feature set that the rows name: definitions may have changed between."""
    by_version: dict[str, list[int]] = {}
    for place, (version, _, _) in enumerate(rows):
        by_version.setdefault(version, []).append(place)
    stored = FeatureSetVersion.objects.in_bulk(list(by_version))
    numbers: dict[str, np.ndarray] = {}
    for version, places in by_version.items():
        if version not in stored:
            continue
        names = [name for name, _, _ in stored[version].numbers]
        packed = b"".join(bytes(rows[place][1]) for place in places)
        values = np.frombuffer(packed, "<f8").reshape(len(places), len(names))
        for position, name in enumerate(names):
            column = numbers.setdefault(name, np.full(len(rows), np.nan))
            column[places] = values[:, position]
    return numbers


def _texts(rows: list[tuple]) -> dict[str, np.ndarray]:
    texts: dict[str, np.ndarray] = {}
    for place, (_, _, said) in enumerate(rows):
        for name, value in json.loads(said).items():
            if name not in texts:
                texts[name] = np.full(len(rows), None)
            texts[name][place] = value
    return texts
