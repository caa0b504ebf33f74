"""Reading a CSV of customers, plain or gzip, whatever its delimiter: row by row, in bounded memory."""

import csv
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import available_timezones

from fraud_detection.services.csv_files import UNREADABLE, FileRefused, header_columns, opened, unreadable
from ml.domains.customers.schema import FIELDS, LABELS, READER, not_taken_in
from ml.domains.fields import Problem, RecordRefused
from ml.domains.readers import Context

NAMES = tuple(field.name for field in FIELDS)
TIME_ZONES = frozenset(available_timezones())


@dataclass(frozen=True)
class Layout:
    """What the first line says. `left_out`: columns that are not taken in, each with the reason."""

    delimiter: str
    columns: tuple[str, ...]
    left_out: dict[str, str]

    @property
    def taken(self) -> tuple[str, ...]:
        """The columns that are stored."""
        return tuple(name for name in self.columns if name not in self.left_out)


class Row(NamedTuple):
    """A data row: its line, and clean values or everything that is wrong with it."""

    line: int
    values: dict[str, Any]
    problems: list[Problem]


def read_layout(path: Path, *, allowed: Collection[str]) -> Layout:
    """Delimiter and columns; raises FileRefused naming columns that are unknown, twice there or missing."""
    delimiter, columns = header_columns(path, NAMES)
    if not any(columns):
        raise FileRefused("line 1: the file is empty; a header line with customer_id is needed")
    left_out = not_taken_in(columns, allowed)
    left_out |= {name: "is the answer, for train_model" for name in LABELS if name in columns}
    _check_columns(columns, left_out)
    return Layout(delimiter, columns, left_out)


def read_rows(path: Path, layout: Layout, *, now: datetime) -> Iterator[Row]:
    """Every data row. Raises FileRefused at the line from which the file cannot be read on."""
    context = Context(now, text=True)
    line = 1
    with opened(path) as text:
        reader = csv.reader(text, delimiter=layout.delimiter)
        try:
            next(reader)
            line = reader.line_num + 1  # where the row begins: a quoted value may span lines
            for values in reader:
                if values:
                    yield _row(line, values, layout, context)
                line = reader.line_num + 1
        except UNREADABLE as error:
            raise FileRefused(unreadable(error, line)) from error


def _row(line: int, values: list[str], layout: Layout, context: Context) -> Row:
    if len(values) != len(layout.columns):
        detail = f"has {len(values)} values where the header names {len(layout.columns)} columns"
        return Row(line, {}, [Problem("", "wrong_width", detail)])
    record = {
        name: value.strip()
        for name, value in zip(layout.columns, values, strict=True)
        if name not in layout.left_out
    }
    try:
        clean = READER.read(record, context)
    except RecordRefused as refused:
        return Row(line, {}, refused.problems)
    zone = clean.get("time_zone")
    if zone is not None and zone not in TIME_ZONES:
        return Row(line, {}, [Problem("time_zone", "unknown_value", f"'{zone[:40]}' is not a time zone")])
    return Row(line, clean, [])


def _check_columns(columns: tuple[str, ...], left_out: Collection[str]) -> None:
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        raise FileRefused(f"line 1: column '{twice[0]}' stands twice")
    if unknown := [name for name in columns if name not in NAMES and name not in left_out]:
        plural = "s" if len(unknown) > 1 else ""
        raise FileRefused(f"line 1: unknown column{plural} {', '.join(map(_meant, unknown[:20]))}")
    if "customer_id" not in columns:
        raise FileRefused("line 1: the required column customer_id is missing")


def _meant(name: str) -> str:
    close = get_close_matches(name[:60].lower().replace(" ", "_"), NAMES, 1)
    return f"'{name[:60]}'" + (f" (did you mean '{close[0]}'?)" if close else "")
