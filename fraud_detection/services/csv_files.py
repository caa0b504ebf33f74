"""What every CSV file of this system shares: how it is opened, and what makes it unreadable."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Collection
from pathlib import Path

from logs.redacting import redact_text

DELIMITERS = (",", ";", "\t", "|")
LONGEST_HEADER = 1 << 20
_LINE_END = re.compile(rb"[\r\n]")
UNREADABLE = (EOFError, OSError, UnicodeDecodeError, zlib.error, csv.Error)
csv.field_size_limit(1 << 20)


class FileRefused(ValueError):
    """A file that cannot be read as a whole; the message names line or column and the remedy."""

    def __init__(self, message: str):
        super().__init__(redact_text(message))


def opened(path: Path) -> io.TextIOWrapper:
    """Text of a plain or gzip file, with or without a BOM."""
    with path.open("rb") as probe:
        start = probe.read(4)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FileRefused("line 1: the file is UTF-16; save it as UTF-8")
    binary = gzip.open if start[:2] == b"\x1f\x8b" else open
    return io.TextIOWrapper(binary(path, "rb"), encoding="utf-8-sig", newline="")


def unreadable(error: Exception, line: int) -> str:
    """What is wrong with a file that could not be read on from this line."""
    if isinstance(error, EOFError):
        return f"line {line}: the compressed file ends early; it was cut off in transfer"
    if isinstance(error, UnicodeDecodeError):
        return f"line {line} or soon after: not UTF-8 text ({error.reason}); save the file as UTF-8"
    if isinstance(error, csv.Error):
        return f"line {line}: not CSV ({error})"
    return f"line {line}: cannot be read ({error})"


def header_columns(path: Path, known: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """The delimiter that finds most `known` names in the first line, and the columns; raises FileRefused."""
    header = _first_line(path)
    named = set(known)
    delimiter = max(DELIMITERS, key=lambda mark: len(set(_columns(header, mark)) & named))
    return delimiter, _columns(header, delimiter)


def _first_line(path: Path) -> str:
    """Without the lines after it, whose bytes may be wrong; raises FileRefused."""
    with opened(path) as text:
        try:
            raw = text.buffer.readline(LONGEST_HEADER)
            return next(iter(_LINE_END.split(raw))).decode("utf-8-sig")
        except UNREADABLE as error:
            raise FileRefused(unreadable(error, 1)) from error


def count_rows(path: Path, delimiter: str) -> int:
    """The data rows of a file, read from end to end; raises FileRefused when there are none."""
    with opened(path) as text:
        rows, line, reader = -1, 1, csv.reader(text, delimiter=delimiter)
        try:
            for values in reader:
                rows, line = rows + bool(values), reader.line_num + 1
        except UNREADABLE as error:
            raise FileRefused(unreadable(error, line)) from error
    if rows < 1:
        raise FileRefused("line 2: there are no data rows")
    return rows


def _columns(header: str, delimiter: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in next(csv.reader([header], delimiter=delimiter), ()))
