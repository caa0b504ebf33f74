"""What every CSV file of this system shares: how it is opened, and what makes it unreadable."""

import csv
import gzip
import io
import zlib
from pathlib import Path

DELIMITERS = (",", ";", "\t", "|")
UNREADABLE = (EOFError, OSError, UnicodeDecodeError, zlib.error, csv.Error)
csv.field_size_limit(1 << 20)


class FileRefused(ValueError):
    """A file that cannot be read as a whole; the message names line or column and the remedy."""


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
