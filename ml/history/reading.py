"""From a CSV and its mapping to a history and the report of what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ml.history.errors import HistoryRefused
from ml.history.gathering import Gatherer, Tally
from ml.history.history import History
from ml.history.mapping import HistoryMapping
from ml.history.profile import Profile, sample
from ml.history.proposing import missing_marks, profiles_of, settled_read
from ml.history.report import report_of
from ml.history.reservoir import Reservoir
from ml.history.roles import RoleReader
from ml.history.settling import Extras, settle
from ml.history.source import Source

Progress = Callable[[int, float], None]  # rows read, share of the file
LOOKED_AT = 200_000
MOST_REFUSED = 0.5
_MEASURED = 12  # excluded columns whose worth is measured


def read_history(
    path: Path | str,
    mapping: HistoryMapping | Mapping[str, Any],
    progress: Progress = lambda rows, share: None,
    *,
    name: str = "",
) -> tuple[History, dict[str, Any]]:
    """Read a labelled CSV. Raises HistoryRefused (of the file), MappingRefused (of the mapping).

    Rows whose time, amount, weight or id cannot be read are left out and reported; when that is more
    than half of them, the mapping is wrong and nothing is imported.
    """
    if not isinstance(mapping, HistoryMapping):
        mapping = HistoryMapping.from_json(mapping)
    source = Source(path, mapping.read)
    drawn = sample(source, looked_at=LOOKED_AT)
    mapping = replace(mapping.named(source.place, source.columns), read=settled_read(source, drawn))
    marks = missing_marks(mapping.read)
    profiles = profiles_of(source, drawn, mapping.read)
    roles = RoleReader(mapping, source, marks)
    extras = settle(mapping, source, profiles, roles.places(), marks)
    gatherer = Gatherer(mapping, roles, extras, Reservoir(_measured(extras, profiles)))
    for chunk, share in source.chunks():
        gatherer.add(chunk)
        progress(gatherer.tally.rows, share)
    _check(gatherer.tally)
    if mapping.label:
        roles.labels.check()
    history = gatherer.history(name)
    report = report_of(history, source=source, gatherer=gatherer, profiles=profiles)
    return replace(history, report=report), report


def _measured(extras: Extras, profiles: dict[str, Profile]) -> dict[str, int]:
    """The columns left out whose worth is measured: prohibited ones first, then what could be a feature."""
    order = ("prohibited", "personal", "listed", "unlisted")
    ranked = [
        (order.index(fate.topic), profiles[name].place, name)
        for name, fate in extras.excluded.items()
        if fate.topic in order and (profiles[name].is_numeric or profiles[name].distinct_share < 0.5)
    ]
    return {name: place for _, place, name in sorted(ranked)[:_MEASURED]}


def _check(tally: Tally) -> None:
    good = tally.rows - tally.refused
    if good and tally.refused <= MOST_REFUSED * tally.rows:
        return
    if not tally.rows:
        raise HistoryRefused("there are no data rows")
    first = tally.refusals[0]
    column = f", column {first.column}" if first.column else ""
    raise HistoryRefused(
        f"{tally.refused:,} of {tally.rows:,} rows cannot be read; the first is line {first.line}{column}: "
        f"{first.reason}. Correct the mapping, or the file"
    )
