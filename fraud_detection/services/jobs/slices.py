"""The rows of a chunk, read from where the index says they lie."""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fraud_detection.services.jobs.kinds import FileKind
from fraud_detection.services.jobs.ordering import INDEX
from fraud_detection.services.transaction_files import Row

TOGETHER = 1 << 20  # bytes of rows that lie side by side and are read at once


def rows_of(path: Path, index: Path, kind: FileKind, start: int, count: int) -> list[Row]:
    """Rows start, start + 1, ... of the index, each with its problem where it has one."""
    with index.open("rb") as file:
        file.seek(start * INDEX.itemsize)
        wanted = np.fromfile(file, INDEX, count)
    return [
        _row(kind, int(place["line"]), int(place["occurrence"]), raw)
        for place, raw in zip(wanted, _raw(path, wanted), strict=True)
    ]


def _raw(path: Path, wanted: np.ndarray) -> Iterator[bytes]:
    """The bytes of each row; neighbours are read together."""
    offsets, lengths = wanted["offset"].tolist(), wanted["length"].tolist()
    source = os.open(path, os.O_RDONLY)
    try:
        first = 0
        while first < len(offsets):
            last, size = first, lengths[first]
            while (
                last + 1 < len(offsets)
                and offsets[last + 1] == offsets[last] + lengths[last]
                and size + lengths[last + 1] <= TOGETHER
            ):
                last += 1
                size += lengths[last]
            read = os.pread(source, size, offsets[first])
            at = 0
            for length in lengths[first : last + 1]:
                yield read[at : at + length]
                at += length
            first = last + 1
    finally:
        os.close(source)


def _row(kind: FileKind, line: int, occurrence: int, raw: bytes) -> Row:
    try:
        values = next(csv.reader([raw.decode("utf-8")], delimiter=kind.delimiter))
    except UnicodeDecodeError as error:
        return Row(line, {}, None, f"is not UTF-8 text ({error.reason} at byte {error.start + 1})")
    except (csv.Error, StopIteration) as error:
        return Row(line, {}, None, f"is not CSV ({error}); is a quote never closed?")
    row = kind.row(line, values)
    if occurrence > 1 and row.problem is None:
        name = row.record[kind.id_field].rpartition("-")[0]
        row.record[kind.id_field] = f"{name}-{occurrence}"
    return row
