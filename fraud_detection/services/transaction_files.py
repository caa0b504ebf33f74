"""Reading files of payments: CSV in native or PaySim names, plain or gzip, whatever its delimiter."""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from fraud_detection.services.csv_files import FileRefused, count_rows, header_columns, opened
from logs.redacting import mask_cards
from ml.domains.payments.schema import FIELDS, PAYSIM

LABELS = ("is_fraud", "isFraud")
IGNORED = ("isFlaggedFraud", "scheme")  # somebody else's opinion, and the name of a generated scheme
NATIVE = tuple(field.name for field in FIELDS)
KNOWN = {*NATIVE, *PAYSIM, "step", *LABELS, *IGNORED}
LABEL_VALUES = {"0": False, "1": True, "false": False, "true": True, "0.0": False, "1.0": True}


class Row(NamedTuple):
    """A data row: its line, its record (transaction_id filled in), its label, or a column's problem."""

    line: int
    record: dict[str, str]
    is_fraud: bool | None
    problem: str | None = None
    column: str = ""


@dataclass(frozen=True)
class Layout:
    """What the first line says."""

    delimiter: str
    columns: tuple[str, ...]
    label: str | None


def check_file(path: Path, declared: frozenset[str] = frozenset()) -> int:
    """Read the file once, before anything is stored; returns its data rows. Raises FileRefused.

    `declared` names fields that people declared.
    """
    return count_rows(path, read_layout(path, declared).delimiter)


def read_layout(path: Path, declared: frozenset[str] = frozenset()) -> Layout:
    """Delimiter and columns from the first line; raises FileRefused naming unknown and missing columns."""
    known = KNOWN | declared
    delimiter, columns = header_columns(path, known)
    if not set(columns) & known:
        raise FileRefused(
            f"line 1: no known column among {', '.join(columns[:8]) or 'none'}; a header line is needed"
        )
    _check_columns(columns, known)
    return Layout(delimiter, columns, next((name for name in LABELS if name in columns), None))


def read_rows(path: Path, declared: frozenset[str] = frozenset()) -> Iterator[Row]:
    """Every data row, bad ones with their problem. A row without an id is named by its content and count."""
    layout = read_layout(path, declared)
    seen: Counter[bytes] = Counter()
    with opened(path) as text:
        reader = csv.reader(text, delimiter=layout.delimiter)
        next(reader)
        line = reader.line_num + 1  # where the row begins: a quoted value may span lines
        for values in reader:
            if values:
                yield row_of(line, values, layout, seen)
            line = reader.line_num + 1


def row_of(line: int, values: list[str], layout: Layout, seen: Counter[bytes]) -> Row:
    """One data row; `seen` counts the rows without an id by their content."""
    if len(values) != len(layout.columns):
        problem = f"has {len(values)} values where the header names {len(layout.columns)} columns"
        return Row(line, {}, None, problem)
    record = dict(zip(layout.columns, values, strict=True))
    for name in IGNORED:
        record.pop(name, None)
    label = record.pop(layout.label).strip().lower() if layout.label else ""
    if label and label not in LABEL_VALUES:
        return Row(line, record, None, f"'{label[:40]}' is neither 0 nor 1", layout.label)
    if not record.get("transaction_id"):
        record["transaction_id"] = content_id(values, seen)
    return Row(line, record, LABEL_VALUES.get(label))


def content_id(values: list[str], seen: Counter[bytes]) -> str:
    """The hash of the row and its occurrence number: the same file names its rows the same way again."""
    said = "\x1f".join(map(mask_cards, values))  # files of jobs are read without card numbers
    digest = hashlib.blake2b(said.encode(), digest_size=12).digest()
    seen[digest] += 1
    return f"row-{digest.hex()}-{seen[digest]}"


def _check_columns(columns: tuple[str, ...], known: set[str]) -> None:
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        raise FileRefused(f"line 1: column '{twice[0]}' stands twice")
    unknown = [name for name in columns if name not in known]
    if unknown:
        raise FileRefused(f"line 1: unknown column{'s' * (len(unknown) > 1)} {', '.join(map(repr, unknown))}")
    paysim = "nameOrig" in columns or "nameDest" in columns
    needed = ("amount", "nameOrig", "nameDest") if paysim else ("amount", "sender_id", "receiver_id")
    missing = [name for name in needed if name not in columns]
    if missing:
        raise FileRefused(f"line 1: required column{'s' * (len(missing) > 1)} {', '.join(missing)} missing")
