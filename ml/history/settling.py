"""Which columns of a file become features of its history, which are left out, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ml.history.columns import Categories, Numbers
from ml.history.errors import MappingRefused
from ml.history.finding import with_roles
from ml.history.judging import (
    CATEGORICAL,
    IGNORE,
    NUMERIC,
    Fate,
    Surroundings,
    is_about_credit,
    judge,
)
from ml.history.mapping import HistoryMapping
from ml.history.moments import MomentReader
from ml.history.profile import Profile
from ml.history.source import Source

_CAUTIONS = ("personal", "prohibited", "leak", "opinion", "after")
_LISTED = Fate(IGNORE, "listed", "as the mapping says")
_UNLISTED = Fate(IGNORE, "unlisted", "is not in the mapping")


@dataclass
class Extras:
    """Columns without a role, by name: what reads them, and the fates of those left out."""

    readers: dict[str, tuple[int, Numbers | Categories]] = field(default_factory=dict)
    excluded: dict[str, Fate] = field(default_factory=dict)
    dates: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def settle(
    mapping: HistoryMapping,
    source: Source,
    profiles: dict[str, Profile],
    roles: set[int],
    marks: frozenset[str],
) -> Extras:
    """Readers of the extra columns: as the mapping lists them, else as their values suggest.

    Personal values (e-mail addresses, card numbers) are dropped even when they are listed.
    """
    listed = _listed(mapping, source)
    judged = _judged(mapping, profiles, {source.columns[place] for place in roles})
    by_values = mapping.numeric is None and mapping.categorical is None
    extras = Extras()
    for place, name in enumerate(source.columns):
        kind = listed.get(name)
        if place in roles and kind in (None, IGNORE):
            continue
        kind, fate = _decided(kind, judged(name), by_values, profiles[name], extras)
        if kind == IGNORE:
            extras.excluded[name] = fate
        else:
            extras.readers[name] = (place, _reader(kind, profiles[name], marks, extras))
    return extras


def _decided(
    kind: str | None, fate: Fate, by_values: bool, column: Profile, extras: Extras
) -> tuple[str, Fate]:
    """What becomes of a column: as listed, as its values suggest, or left out as nobody listed it."""
    if kind in (NUMERIC, CATEGORICAL):
        return _cautioned(column.name, kind, column, fate, extras), fate
    if kind is None and by_values:
        return fate.kind, fate
    extras.unlisted += [column.name] if kind is None else []
    if fate.kind == IGNORE:
        return IGNORE, fate
    return IGNORE, _UNLISTED if kind is None else _LISTED


def _listed(mapping: HistoryMapping, source: Source) -> dict[str, str]:
    """Name -> kind of every column that the mapping lists; MappingRefused for one it does not find."""
    found: dict[str, str] = {}
    for kind in (NUMERIC, CATEGORICAL, IGNORE):
        for column in getattr(mapping, kind) or ():
            name = source.columns[source.place(kind, column)]
            if found.setdefault(name, kind) != kind:
                raise MappingRefused(kind, f"'{name}' stands in {found[name]} too; keep one of them")
    return found


def _judged(mapping: HistoryMapping, profiles: dict[str, Profile], taken: set[str]) -> Callable[[str], Fate]:
    found = with_roles(profiles, mapping, taken)
    around = Surroundings(is_about_credit(list(profiles)), found.times, found.y)
    return lambda name: judge(profiles[name], around)


def _cautioned(name: str, kind: str, column: Profile, fate: Fate, extras: Extras) -> str:
    """A listed column stays what the mapping says, but for personal values; the report warns."""
    if column.personal_values:
        held = column.personal_values
        extras.warnings.append(f"{name}: dropped although it is listed as {kind}: it holds {held}")
        return IGNORE
    if fate.topic in _CAUTIONS:
        verb = "" if fate.why.startswith(("lies", "gives")) else "is "
        extras.warnings.append(f"{name}: kept as {kind} because it is listed, but it {verb}{fate.why}")
    return kind


def _reader(kind: str, column: Profile, marks: frozenset[str], extras: Extras) -> Numbers | Categories:
    if kind == CATEGORICAL:
        return Categories(marks)
    if column.date_share > 0.9:
        extras.dates.append(column.name)
        return Numbers(column.decimal, marks, MomentReader(column.dayfirst))
    return Numbers(column.decimal, marks)
