"""Delimiter, quotes and header of a table, found out from its beginning."""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from ml.history.errors import HistoryRefused
from ml.history.mapping import DELIMITERS, ReadMapping
from ml.history.numbers import MISSING, as_number

_LINES = 60


@dataclass(frozen=True)
class Layout:
    """How the rows are split, the first row, and how many rows of remarks stand above it."""

    delimiter: str
    quote: str
    header: bool
    first: tuple[str, ...]
    remarks: int = 0

    @property
    def dialect(self) -> dict[str, Any]:
        return {
            "delimiter": self.delimiter,
            "quotechar": self.quote,
            "skipinitialspace": True,  # "a", "b" is quoted too
        }


def sniffed(head: str, read: ReadMapping, *, whole: bool) -> Layout:
    """The layout of a table that begins with `head` (the `whole` of it, or cut off anywhere)."""
    head = head.lstrip("\ufeff")
    quote = read.quote or _quote(head)
    delimiter = read.delimiter or _delimiter(head, quote, whole)
    rows = _rows(head, delimiter, quote, whole)
    remarks = _remarks(rows)
    rows = rows[remarks:]
    if not rows:
        raise HistoryRefused("line 1: holds no row")
    header = _has_header(rows) if read.header is None else read.header
    if len(rows) == 1 and header and whole:
        raise HistoryRefused("the file holds a header and no rows")
    return Layout(delimiter, quote, header, tuple(rows[0]), remarks)


def column_names(layout: Layout) -> tuple[str, ...]:
    """The header's names, each once: a repeated one gets .1, .2; an empty one, or all without header, cN."""
    names: list[str] = []
    taken: set[str] = set()
    for place, text in enumerate(layout.first, start=1):
        wanted = name = (text.strip() if layout.header else "") or f"c{place}"
        number = 0
        while name in taken:
            number += 1
            name = f"{wanted}.{number}"
        names.append(name)
        taken.add(name)
    return tuple(names)


def _quote(head: str) -> str:
    """A single quote only when values stand between single quotes and none between double ones."""
    single = len(re.findall(r"(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|\r\n]|$)", head, re.M))
    return "'" if single > 20 and '"' not in head else '"'


def _delimiter(head: str, quote: str, whole: bool) -> str:
    """The mark that splits most lines into the same number of columns, more columns winning a tie."""
    scores = {}
    for mark in DELIMITERS:
        widths = Counter(len(row) for row in _rows(head, mark, quote, whole))
        if not widths:
            continue
        width, lines = widths.most_common(1)[0]
        if width > 1:
            # a space inside of texts splits them unevenly; a true delimiter hardly ever does
            scores[mark] = (round(lines / widths.total(), 1), mark != " ", width)
    if not scores:
        marks = ", ".join(("comma", "semicolon", "tab", "|", "space"))
        raise HistoryRefused(f"line 1: only one column; a delimiter is one of {marks}")
    return max(scores, key=scores.__getitem__)


def _rows(head: str, delimiter: str, quote: str, whole: bool) -> list[list[str]]:
    lines = head.splitlines(keepends=True)
    if not whole and len(lines) > 1:
        lines = lines[:-1]  # cut off in the middle
    rows: list[list[str]] = []
    try:
        for row in csv.reader(lines, delimiter=delimiter, quotechar=quote, skipinitialspace=True):
            if row and not (len(row) == 1 and not row[0].strip()):
                rows.append(row)
            if len(rows) >= _LINES:
                break
    except csv.Error:  # a quoted value longer than allowed: what was read before it tells enough
        return rows
    return rows


def _remarks(rows: list[list[str]]) -> int:
    """Rows above the table: remarks behind # or %, and the sep= of spreadsheets."""
    usual = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    return sum(
        1
        for _ in itertools.takewhile(
            lambda row: row[0].lower().startswith("sep=") or (row[0][:1] in "#%" and len(row) != usual), rows
        )
    )


def _has_header(rows: list[list[str]]) -> bool:
    """A first row of texts, none of them a number or missing, that the rows below do not repeat."""
    first, below = rows[0], rows[1:]
    if not below:
        return not any(as_number(cell) is not None for cell in first)
    if any(as_number(cell) is not None for cell in first):
        return False
    if sum(cell.strip() in MISSING - {""} for cell in first) > len(first) / 2:
        return False
    columns = list(zip(*(row for row in below if len(row) == len(first)), strict=True))
    repeated = sum(cell in column for cell, column in zip(first, columns, strict=False))
    return repeated <= len(first) / 3
