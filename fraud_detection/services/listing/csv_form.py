"""The CSV of a list, read and written: what is written out reads back as the same. Pure.

A cell that a spreadsheet would take for a formula gets an apostrophe before it, and loses it when read.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fraud_detection.services.listing.values import EntryRefused, listed_reason, listed_value

COLUMNS = ("value", "kind", "reason", "expires_at", "created_at", "created_by")
READ = ("value", "kind", "reason", "expires_at")
MOST_LINES = 100_000
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
LARGEST_OFFSET = timedelta(hours=14)


@dataclass(frozen=True)
class Line:
    """One entry of a file."""

    number: int
    kind: str
    value: str
    reason: str
    expires_at: datetime | None


@dataclass(frozen=True)
class LineRefused:
    """What is wrong in a line: the file's line number, the column and why."""

    line: int
    column: str
    detail: str


class FileRefused(ValueError):
    """A file that cannot be read at all; the message says why and the remedy."""


def read_lines(
    content: bytes, *, kinds: tuple[str, ...], reason: str, now: datetime
) -> Iterator[Line | LineRefused]:
    """The entries of a file; `kinds` are those the list holds, `reason` is for lines that give none.

    Raises FileRefused.
    """
    rows = csv.reader(io.StringIO(_text(content)), strict=True)
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        _check_header(header)
        for count, row in enumerate(rows, start=1):
            if count > MOST_LINES:
                raise FileRefused(f"the file has more than {MOST_LINES:,} lines; split it")
            if any(cell.strip() for cell in row):
                yield _line(rows.line_num, header, row, kinds, reason, now)
    except csv.Error as error:
        raise FileRefused(f"line {rows.line_num}: not CSV ({error})") from error


def written(rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """The file, line by line."""
    yield ",".join(COLUMNS) + "\r\n"
    for row in rows:
        text = io.StringIO()
        csv.writer(text).writerow([guarded(row[name]) for name in COLUMNS])
        yield text.getvalue()


def guarded(cell: str) -> str:
    """The cell as no spreadsheet takes it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """The reverse."""
    return cell[1:] if _GUARDED.match(cell) else cell


def _text(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FileRefused("line 1: the file is UTF-16; save it as UTF-8")
    if b"\x00" in content:
        line = content[: content.index(b"\x00")].count(b"\n") + 1
        raise FileRefused(f"line {line}: holds a NUL byte; save the file as plain CSV")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FileRefused(f"line {line}: not UTF-8 text; save the file as UTF-8") from None


def _check_header(header: list[str]) -> None:
    if "value" not in header:
        raise FileRefused(f"line 1 must name the columns, 'value' among them: {', '.join(READ)}")
    unknown = [name for name in header if name not in COLUMNS]
    if unknown:
        raise FileRefused(
            f"line 1: '{unknown[0][:40]}' is no column of a list; known are {', '.join(COLUMNS)}"
        )
    if len(set(header)) < len(header):
        raise FileRefused("line 1 names a column twice")


def _line(
    number: int, header: list[str], row: list[str], kinds: tuple[str, ...], reason: str, now: datetime
) -> Line | LineRefused:
    if len(row) > len(header):
        return LineRefused(number, header[-1], f"the line has {len(row)} cells, the header {len(header)}")
    cells = {name: unguarded(cell).strip() for name, cell in zip(header, row, strict=False)}
    named = cells.get("kind") or (kinds[0] if len(kinds) == 1 else "")
    if named not in kinds:
        return LineRefused(number, "kind", f"'{named[:40]}' is not what this list holds: {', '.join(kinds)}")
    try:
        return Line(
            number,
            named,
            listed_value(named, cells.get("value", "")),
            listed_reason(cells.get("reason") or reason),
            _moment(cells.get("expires_at", ""), now),
        )
    except EntryRefused as refused:
        return LineRefused(number, refused.field, str(refused))


def _moment(text: str, now: datetime) -> datetime | None:
    """A time of the file, in UTC unless it names its zone; only what is still to come."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        sound = abs(moment.utcoffset()) <= LARGEST_OFFSET and moment.astimezone(UTC) > now
    except (ValueError, OverflowError):
        raise EntryRefused(f"'{text[:40]}' is not a time like 2026-01-31T12:00:00Z", "expires_at") from None
    if not sound:
        raise EntryRefused(f"'{text[:40]}' does not lie in the future", "expires_at")
    return moment
