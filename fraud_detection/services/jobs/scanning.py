"""Reading a file once from end to end: where each row lies, when it happened, what names it."""

import csv
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from fraud_detection.services.csv_files import FileRefused
from fraud_detection.services.jobs.kinds import UNTIMED, FileKind
from logs.redacting import mask_cards

LONGEST_LINE = 8 << 20
LONGEST_ROW = 64 << 20
BLOCK = 200_000
# digest: of a row without an id, by which it is named; 0 for a row that has one.
FOUND = np.dtype(
    [("moment", "<i8"), ("offset", "<i8"), ("digest", "<u8"), ("length", "<u4"), ("line", "<u4")]
)
_PIECES = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
Progress = Callable[[int], None]


class Lines:
    """The lines of a file as csv.reader wants them, whatever ends them; counts bytes and lines given."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.offset, self.number, self.row_start = file, 0, 0, 0
        self._pieces: list[bytes] = []

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        raw = self._pieces.pop() if self._pieces else self._read()
        self.offset += len(raw)
        self.number += 1
        if self.offset - self.row_start > LONGEST_ROW:
            raise FileRefused(f"line {self.number}: a row of more than 64 MiB; is a quote never closed?")
        return raw.decode("utf-8", "surrogateescape")

    def _read(self) -> bytes:
        raw = self.file.readline(LONGEST_LINE + 1)
        if not raw:
            raise StopIteration
        if len(raw) > LONGEST_LINE:
            raise FileRefused(f"line {self.number + 1}: longer than 8 MiB; is this a CSV with line ends?")
        if -1 < raw.find(b"\r") < len(raw) - 2 or raw.endswith(b"\r"):
            first, *self._pieces = _PIECES.findall(raw)
            self._pieces.reverse()
            return first
        return raw


def scan(path: Path, kind: FileKind, progress: Progress) -> Iterator[np.ndarray]:
    """FOUND arrays of the data rows in the order of the file, `progress(bytes)` after each.

    Raises FileRefused.
    """
    place = kind.id_place
    with path.open("rb") as file:
        lines = Lines(file)
        reader = csv.reader(lines, delimiter=kind.delimiter)
        next(reader)
        found: list[tuple[int, int, int, int, int]] = []
        for values, start, line in _rows(reader, lines):
            digest = 0
            if values and (place is None or place >= len(values) or not values[place]):
                digest = content_digest(values)
            moment = kind.moment(values) if values else UNTIMED
            found.append((moment, start, digest, lines.offset - start, line))
            if len(found) == BLOCK:
                yield np.array(found, FOUND)
                progress(lines.offset)
                found = []
        if found:
            yield np.array(found, FOUND)
            progress(lines.offset)


def content_digest(values: list[str]) -> int:
    """64 bits of the digest that names a row without an id; never 0."""
    content = "\x1f".join(map(mask_cards, values)).encode("utf-8", "surrogateescape")
    return int.from_bytes(hashlib.blake2b(content, digest_size=12).digest()[:8], "little") or 1


def _rows(reader: Iterator[list[str]], lines: Lines) -> Iterator[tuple[list[str], int, int]]:
    """(values, byte where the row begins, its line); no values for a row that is not CSV."""
    while True:
        start, line = lines.offset, lines.number + 1
        lines.row_start = start
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield [], start, line
            continue
        if values:
            yield values, start, line
