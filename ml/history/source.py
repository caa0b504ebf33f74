"""The rows of a CSV as text: encodings, gzip, delimiters, headers, rows of the wrong length."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import itertools
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, TextIO

from ml.history.errors import HistoryRefused, MappingRefused, meant
from ml.history.layout import Layout, column_names, sniffed
from ml.history.mapping import Column, ReadMapping

CELLS_A_CHUNK = 1_000_000
BYTES_A_CHUNK = 1 << 26  # of the unpacked file: few large values fill memory as well as many small ones
LONGEST_LINE = 1 << 24  # characters
ANY_RATIO = 1 << 28  # bytes: what a compressed file may unpack to, whatever its own size
MOST_RATIO = 200
_ROWS_AT_ONCE = 64
MOST_COLUMNS = 20_000
HEAD = 1 << 18  # characters that the layout is found out from
UNREADABLE = (EOFError, OSError, UnicodeError, zlib.error, csv.Error)
_NOT_CSV = {
    b"PK\x03\x04": "is a ZIP archive or a spreadsheet; unpack it, or save it as CSV",
    b"PAR1": "is a Parquet file; write it as CSV",
    b"\xd0\xcf\x11\xe0": "is an Excel workbook; save it as CSV",
    b"BZh": "is bzip2; unpack it, or compress it with gzip",
    b"\xfd7zXZ": "is xz; unpack it, or compress it with gzip",
    b"7z\xbc\xaf": "is a 7-Zip archive; unpack it",
}
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
csv.field_size_limit(1 << 20)


class Refusal(NamedTuple):
    """A row that was left out: its line, the column where there is one, and why."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True)
class Chunk:
    """Rows of the right length, the line where each begins and its number among all; and the refusals."""

    lines: list[int]
    numbers: list[int]
    rows: list[list[str]]
    refused: list[Refusal]
    met: int  # rows that were read for it, empty and refused ones too
    bytes: int  # of the unpacked file

    def columns(self) -> list[tuple[str, ...]]:
        return list(zip(*self.rows, strict=True))


class Source:
    """A file whose layout is known. Raises HistoryRefused when it is no table of text.

    columns   unique names: of the header, or c1, c2, ... without one; a repeated name gets .1, .2
    encoding  utf-8, utf-16 or what the mapping says; cp1252 when the beginning is not UTF-8
    """

    def __init__(self, path: Path | str, read: ReadMapping | None = None):
        self.path, self.read = Path(path), read or ReadMapping()
        try:
            self.size = max(self.path.stat().st_size, 1)
            self.encoding = self.read.encoding or self._encoding()
            with self._text() as (text, _):
                head = text.read(HEAD)
        except FileNotFoundError:
            raise HistoryRefused(f"{self.path}: there is no such file") from None
        except IsADirectoryError:
            raise HistoryRefused(f"{self.path} is a directory, not a file") from None
        except UNREADABLE as error:
            raise HistoryRefused(unreadable(error, 1)) from error
        if not head.strip("\ufeff \t\r\n\x00"):
            raise HistoryRefused("the file is empty")
        if head.lstrip("\ufeff \t\r\n")[:1] in ("<", "{", "["):
            raise HistoryRefused("line 1: this is HTML, XML or JSON; write it as CSV")
        if "\x00" in head:
            raise HistoryRefused(
                "line 1: holds NUL characters: this is no text file, or read.encoding is wrong"
            )
        self.layout: Layout = sniffed(head, self.read, whole=len(head) < HEAD)
        self.columns = column_names(self.layout)
        if len(self.columns) > MOST_COLUMNS:
            raise HistoryRefused(f"line 1: has {len(self.columns):,} columns; at most {MOST_COLUMNS:,}")

    def place(self, key: str, column: Column) -> int:
        """Where a column of the mapping stands; MappingRefused names what may have been meant."""
        if isinstance(column, int):
            if not 0 <= column < len(self.columns):
                raise MappingRefused(
                    key, f"there is no column {column}: the first is 0, the last is {len(self.columns) - 1}"
                )
            return column
        if column in self.columns:
            return self.columns.index(column)
        if column.strip() in self.columns:
            return self.columns.index(column.strip())
        hint = meant(column, self.columns) or f"; found {', '.join(self.columns[:12])}"
        raise MappingRefused(key, f"the file has no column '{column}'{hint}")

    def chunks(self, rows: int | None = None) -> Iterator[tuple[Chunk, float]]:
        """Every chunk with the share of the file read so far; the file is read once, in bounded memory."""
        size = rows or max(CELLS_A_CHUNK // len(self.columns), 200)
        with self._text() as (text, raw):
            reader = csv.reader(_lines(text), **self.layout.dialect)
            # csv's own errors do not say where; line_num does
            try:
                for _ in range(self.layout.remarks + self.layout.header):
                    next(row for row in reader if row and not (len(row) == 1 and not row[0].strip()))
                count = itertools.count(1)
                while chunk := self._chunk(reader, size, count, text.buffer.tell):
                    _check_ratio(text.buffer.tell(), raw.tell())
                    yield chunk, min(raw.tell() / self.size, 1.0)
            except UNREADABLE as error:
                raise HistoryRefused(unreadable(error, reader.line_num + 1)) from error

    def _chunk(self, reader, size: int, count: Iterator[int], position: Callable[[], int]) -> Chunk | None:
        width, line = len(self.columns), reader.line_num + 1
        rows, begun = [], position()
        while len(rows) < size and position() < begun + BYTES_A_CHUNK:
            some = list(itertools.islice(reader, min(_ROWS_AT_ONCE, size - len(rows))))
            if not some:
                break
            rows += some
        chunk = Chunk([], [], [], [], met=len(rows), bytes=position() - begun)
        plain = reader.line_num + 1 - line == len(rows)  # no quoted value spans lines
        for row in rows:
            if len(row) == width:
                chunk.lines.append(line)
                chunk.numbers.append(next(count))
                chunk.rows.append(row)
            elif row and not (len(row) == 1 and not row[0].strip()):
                next(count)
                detail = f"has {len(row):,} values where there are {width:,} columns"
                chunk.refused.append(Refusal(line, "", detail))
            line += 1 if plain else 1 + sum(cell.count("\n") for cell in row)
        return chunk if rows else None

    def _encoding(self) -> str:
        with self.path.open("rb") as file:
            start = file.read(8)
        for mark, what in _NOT_CSV.items():
            if start.startswith(mark):
                raise HistoryRefused(f"the file {what}")
        with self._bytes() as (data, _):
            head = data.read(1 << 20)
        for mark, encoding in _MARKS:
            if head.startswith(mark):
                return encoding
        for encoding, half in (("utf-16-le", head[1:400:2]), ("utf-16-be", head[:400:2])):
            if half.count(0) > 0.4 * len(half) > 0:
                return encoding
        try:
            codecs.getincrementaldecoder("utf-8")().decode(head)
        except UnicodeDecodeError:
            return "cp1252"
        return "utf-8"

    def _bytes(self) -> _Opened:
        return _Opened(self.path)

    def _text(self) -> _Opened:
        return _Opened(self.path, self.encoding)


class _Opened:
    """The file as (bytes or text, raw file); gzip is known by its first bytes, not by its name."""

    def __init__(self, path: Path, encoding: str | None = None):
        self.path, self.encoding = path, encoding

    def __enter__(self):
        self.raw = self.path.open("rb")
        packed = self.raw.read(2) == b"\x1f\x8b"
        self.raw.seek(0)
        data = gzip.GzipFile(fileobj=self.raw) if packed else self.raw
        self.data = io.TextIOWrapper(data, encoding=self.encoding, newline="") if self.encoding else data
        return self.data, self.raw

    def __exit__(self, *raised) -> None:
        self.data.close()
        self.raw.close()


def _check_ratio(unpacked: int, packed: int) -> None:
    """A file of a few hundred kilobytes must not fill the memory: gzip packs up to a thousandfold."""
    if unpacked > ANY_RATIO and unpacked > MOST_RATIO * packed:
        raise HistoryRefused(
            f"the compressed file unpacks to more than {MOST_RATIO} times its size; unpack it first if it is "
            "meant to"
        )


def _lines(text: TextIO) -> Iterator[str]:
    """The lines of a file, none longer than LONGEST_LINE: an endless one would be held in memory whole."""
    for line in iter(partial(text.readline, LONGEST_LINE), ""):
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            raise csv.Error("field larger than field limit")
        yield line


def unreadable(error: Exception, line: int) -> str:
    """One sentence for what the file system, gzip, the codec or csv said."""
    if isinstance(error, EOFError):
        return f"line {line}: the compressed file ends early; it was cut off in transfer"
    if isinstance(error, UnicodeError):
        encoding = getattr(error, "encoding", "such")
        return f"line {line} or soon after: not {encoding} text; save the file as UTF-8 or give read.encoding"
    if isinstance(error, csv.Error) and "field larger" in str(error):
        return f"line {line} or before: a value of more than a million characters; is a quote not closed?"
    if isinstance(error, csv.Error):
        return f"line {line}: not CSV ({error})"
    return f"line {line}: cannot be read ({error})"
