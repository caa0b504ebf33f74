"""Rows that a model trained elsewhere is tried on: stored decisions, or a CSV of feature values."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.db.models import OuterRef, Subquery

from fraud_detection.engines.registry import Engine
from fraud_detection.models import Assessment
from fraud_detection.services.csv_files import UNREADABLE, FileRefused, opened, unreadable
from fraud_detection.services.feature_definitions.vectors import as_present, usable_versions
from fraud_detection.services.foreign.features import RegistrationRefused
from transactions.models import Label

NEWEST = 2_000  # stored decisions tried
MOST_ROWS = 100_000  # of a CSV
EXPECTED, LABEL = "probability", "label"  # columns of a CSV beside the features
MISSING = ("", "na", "nan", "null", "none", "?")


@dataclass(frozen=True)
class Sample:
    """`X` float64 [n, k] in the model's order, `vectors` [n, K] in the engine's (NaN where not `present`).

    `y` int8 [n]: 1 fraud, 0 legitimate, -1 unknown; `expected` [n]: what the model gave where it was
    trained, NaN where not said, or None.
    """

    source: str
    ids: list[str]
    X: np.ndarray
    vectors: np.ndarray
    present: frozenset[str]
    y: np.ndarray
    expected: np.ndarray | None = None


def stored_sample(engine: Engine, names: Sequence[str]) -> Sample:
    """The newest decisions made with the engine's present features, with the labels known of them."""
    numbers = engine.feature_set.numbers
    verdict = Label.objects.filter(transaction=OuterRef("transaction")).order_by("-known_at", "-id")
    rows = list(
        Assessment.objects.filter(
            engine=engine.name, feature_set_version__in=usable_versions(engine.feature_set)
        )
        .exclude(degraded_parts__contains=["features"])
        .annotate(verdict=Subquery(verdict.values("verdict")[:1]))
        .order_by("-id")
        .values_list("pk", "feature_set_version", "features", "external_id", "verdict")[:NEWEST]
    )
    vectors = as_present(engine, [row[:3] for row in rows])
    said = {"fraud": 1, "legitimate": 0}
    return Sample(
        source="the newest stored decisions",
        ids=[row[3] for row in rows],
        X=vectors[:, [numbers.index(name) for name in names]],
        vectors=vectors,
        present=frozenset(numbers),
        y=np.array([said.get(verdict, -1) for *_, verdict in rows], np.int8),
    )


def csv_sample(path: Path, engine: Engine, names: Sequence[str]) -> Sample:
    """A CSV with a column for each feature, `probability` and `label` beside; raises RegistrationRefused."""
    try:
        with opened(path) as text:
            header, rows = _read(path, text, names, engine)
    except FileRefused as refused:
        raise RegistrationRefused(f"{path.name}, {refused}") from refused
    columns = {name: np.array([row[place] for row in rows]) for place, name in enumerate(header)}
    vectors = np.full((len(rows), len(engine.feature_set.numbers)), np.nan)
    for place, name in enumerate(engine.feature_set.numbers):
        if name in columns:
            vectors[:, place] = columns[name]
    unknown = np.full(len(rows), -1.0)
    return Sample(
        source=path.name,
        ids=[f"line {line}" for line in range(2, len(rows) + 2)],
        X=np.column_stack([columns[name] for name in names]),
        vectors=vectors,
        present=frozenset(header),
        y=np.nan_to_num(columns.get(LABEL, unknown), nan=-1.0).astype(np.int8),
        expected=columns.get(EXPECTED),
    )


def _read(path: Path, text, names: Sequence[str], engine: Engine) -> tuple[list[str], list[list[float]]]:
    """The header without what is no feature, and the numbers below it."""
    reader = csv.reader(text)
    line = 1
    try:
        header = [name.strip() for name in next(reader, [])]
        if missing := [name for name in names if name not in header]:
            raise RegistrationRefused(f"{path.name} lacks the columns {', '.join(missing[:10])}")
        if twice := sorted({name for name in header if header.count(name) > 1}):
            raise RegistrationRefused(f"{path.name} has two columns {', '.join(twice[:10])}")
        wanted = {*engine.feature_set.numbers, EXPECTED, LABEL}
        kept = [place for place, name in enumerate(header) if name in wanted]
        rows = []
        for line, row in enumerate(reader, 2):
            if row:
                rows.append([_value(path, line, header[place], row, place) for place in kept])
            if len(rows) >= MOST_ROWS:
                break
    except UNREADABLE as error:
        raise RegistrationRefused(f"{path.name}, {unreadable(error, line)}") from error
    if not rows:
        raise RegistrationRefused(f"{path.name} holds no row below its header")
    return [header[place] for place in kept], rows


def _value(path: Path, line: int, column: str, row: list[str], place: int) -> float:
    text = row[place].strip().lower() if place < len(row) else ""
    if text in MISSING:
        return float("nan")
    if text in ("true", "false"):
        return float(text == "true")
    try:
        value = float(text)
    except ValueError:
        raise RegistrationRefused(
            f"{path.name}, line {line}, column {column}: '{text[:40]}' is no number"
        ) from None
    if value in (float("inf"), float("-inf")):
        raise RegistrationRefused(f"{path.name}, line {line}, column {column}: is infinite")
    return value
