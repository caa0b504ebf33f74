"""A mapping proposed from the names and values of a file's columns, with the reason for each choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ml.history.cards import masked
from ml.history.finding import Found, find_roles
from ml.history.judging import CATEGORICAL, IGNORE, NUMERIC, Fate, Surroundings, is_about_credit, judge
from ml.history.mapping import HistoryMapping, ReadMapping
from ml.history.numbers import MISSING
from ml.history.profile import LONGEST_TEXT, ROWS_LOOKED_AT, Profile, Sample, decimal_mark, sample
from ml.history.source import Source

_PREVIEWED = 8


@dataclass(frozen=True)
class Proposal:
    """A mapping, and what stands behind it.

    reasons  column -> why it has its role or is left out; a column that is a plain feature has none
    fates    column -> what was judged of it as a feature, for the columns without a role
    columns  every column's name, in the file's order
    labels   values of the label column, the most frequent first
    rows     how many rows were looked at; whole says whether that is all there are
    """

    mapping: HistoryMapping
    reasons: Mapping[str, str]
    fates: Mapping[str, Fate]
    columns: tuple[str, ...]
    labels: Mapping[str, int]
    rows: int
    whole: bool


def propose(path: Path | str) -> dict[str, Any]:
    """A mapping as JSON, ready to be edited. Raises HistoryRefused when the file is no table."""
    return proposal(path).mapping.as_json()


def proposal(
    path: Path | str, read: ReadMapping | None = None, *, looked_at: int = ROWS_LOOKED_AT
) -> Proposal:
    """The mapping with its reasons, and a preview; `looked_at` bounds how many rows are read for it."""
    source = Source(path, read)
    drawn = sample(source, looked_at=looked_at)
    read = settled_read(source, drawn)
    profiles = profiles_of(source, drawn, read)
    found = find_roles(profiles)
    fates = judged(profiles, found.roles, found)
    mapping = replace(found.mapping, read=_told(source, read), **_lists(fates))
    reasons = dict(found.reasons) | {name: fate.why for name, fate in fates.items() if fate.why}
    labels = profiles[mapping.label.column].counts if mapping.label else {}
    return Proposal(mapping, reasons, fates, source.columns, labels, drawn.rows, drawn.whole)


def preview(path: Path | str, read: ReadMapping | None = None) -> tuple[tuple[str, ...], list[list[str]]]:
    """The columns, and the first rows as texts with card numbers masked."""
    source = Source(path, read)
    for chunk, _ in source.chunks(_PREVIEWED):
        return source.columns, [[masked(text[:LONGEST_TEXT]) for text in row] for row in chunk.rows]
    return source.columns, []


def settled_read(source: Source, drawn: Sample) -> ReadMapping:
    """How the file is read, with the decimal mark settled by its values when it was not given."""
    return replace(source.read, decimal=source.read.decimal or decimal_mark(drawn))


def missing_marks(read: ReadMapping) -> frozenset[str]:
    """The usual marks and those of the mapping, in capitals."""
    return MISSING | {mark.strip().upper() for mark in read.missing or ()}


def profiles_of(source: Source, drawn: Sample, read: ReadMapping) -> dict[str, Profile]:
    marks = missing_marks(read)
    return {
        name: Profile(name, place, drawn.columns[place], read.decimal or ".", marks)
        for place, name in enumerate(source.columns)
    }


def judged(profiles: Mapping[str, Profile], taken: set[str], found: Found) -> dict[str, Fate]:
    """The fate of every column that has no role."""
    around = Surroundings(is_about_credit(list(profiles)), found.times, found.y)
    return {name: judge(column, around) for name, column in profiles.items() if name not in taken}


def _lists(fates: Mapping[str, Fate]) -> dict[str, tuple[str, ...]]:
    return {
        kind: tuple(name for name, fate in fates.items() if fate.kind == kind)
        for kind in (NUMERIC, CATEGORICAL, IGNORE)
    }


def _told(source: Source, read: ReadMapping) -> ReadMapping:
    """What a reader of the mapping should see: delimiter and header, and whatever is unusual."""
    return ReadMapping(
        delimiter=source.layout.delimiter,
        header=source.layout.header,
        encoding=None if source.encoding in ("utf-8", "utf-8-sig") else source.encoding,
        quote="'" if source.layout.quote == "'" else None,
        decimal="," if read.decimal == "," else None,
        missing=read.missing,
    )
