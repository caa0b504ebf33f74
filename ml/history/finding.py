"""Which column plays which role, judged by names first and by values where names leave a choice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ml.features.spec import NULL
from ml.history import names
from ml.history.finding_labels import find_label, find_label_time
from ml.history.finding_times import find_time
from ml.history.labels import LabelReader
from ml.history.mapping import HistoryMapping
from ml.history.profile import Profile
from ml.history.times import TimeReader

Profiles = Mapping[str, Profile]
_FEW = 50


@dataclass
class Found:
    """Roles found so far: the mapping, its reasons, and the sample's times and labels by it."""

    mapping: HistoryMapping = field(default_factory=HistoryMapping)
    reasons: dict[str, str] = field(default_factory=dict)
    roles: set[str] = field(default_factory=set)
    times: np.ndarray | None = None
    y: np.ndarray | None = None

    def take(self, why: str, *columns: str, **roles: object) -> None:
        self.mapping = replace(self.mapping, **roles)
        for column in columns:
            self.roles.add(column)
            self.reasons[column] = why


def find_roles(profiles: Profiles) -> Found:
    """Every role that names and values suggest; a role nothing fits stays empty."""
    found = Found()
    _label(profiles, found)
    _time(profiles, found)
    _location(profiles, found)
    _amount(profiles, found)
    _parties(profiles, found)
    _id(profiles, found)
    _weight(profiles, found)
    return found


def with_roles(profiles: Profiles, mapping: HistoryMapping, taken: set[str]) -> Found:
    """The same of a mapping that is given: the sample's times and labels by it."""
    found = Found(mapping, roles=set(taken))
    _read_label(profiles, found)
    _read_time(profiles, found)
    return found


def _label(profiles: Profiles, found: Found) -> None:
    if (label := find_label(profiles)) is None:
        return
    mapping, why = label
    found.take(why, mapping.column, label=mapping)
    _read_label(profiles, found)
    if (known := find_label_time(profiles, found.roles, found.y)) is not None:
        found.take("when the label became known", known, label=replace(mapping, time_column=known))


def _time(profiles: Profiles, found: Found) -> None:
    if (time := find_time(profiles, found.roles)) is not None:
        mapping, why = time
        found.take(why, *mapping.columns, time=mapping)
        _read_time(profiles, found)


def _read_label(profiles: Profiles, found: Found) -> None:
    if found.mapping.label and (column := profiles.get(found.mapping.label.column)):
        found.y = LabelReader(found.mapping.label).read(column.texts)


def _read_time(profiles: Profiles, found: Found) -> None:
    time = found.mapping.time
    if not time or any(name not in profiles for name in time.columns):
        return
    columns = [profiles[name] for name in time.columns]
    times, _, _ = TimeReader(time, time.columns, columns[0].decimal).read([c.texts for c in columns])
    if (times != NULL).any():
        found.times = np.where(times == NULL, times[times != NULL].min(), times)


def _location(profiles: Profiles, found: Found) -> None:
    """The pair of the event's own place: a merchant's before a customer's."""
    pairs: dict[str, dict[str, str]] = {}
    for name, column in profiles.items():
        for side, pattern, most in (("lat", names.LATITUDE, 90), ("long", names.LONGITUDE, 180)):
            fits = pattern.fullmatch(names.squashed(name))
            if fits and column.number_share > 0.9 and np.nanmax(np.abs(column.numbers)) <= most:
                pairs.setdefault(fits["whose"], {})[side] = name
    whole = {whose: pair for whose, pair in pairs.items() if len(pair) == 2}
    for whose in (*names.EVENT_PLACES, *whole):
        if whose in whole:
            place = (whole[whose]["lat"], whole[whose]["long"])
            return found.take("where it happened", *place, location=place)
    return None


def _amount(profiles: Profiles, found: Found) -> None:
    best = _best(profiles, found.roles, names.AMOUNT, lambda c: c.number_share > 0.95 and c.distinct > 5)
    if best:
        found.take("the amount", best, amount=best)


def _parties(profiles: Profiles, found: Found) -> None:
    counterparty = _best(profiles, found.roles, names.COUNTERPARTY, _repeats)
    taken = found.roles | ({counterparty} if counterparty else set())
    # in a file of both sides each account may act once only: it still is who acts
    usable = _names_somebody if counterparty else _repeats
    if entity := _best(profiles, taken, names.ENTITY, usable):
        found.take("who acts: its history is read", entity, entity=(entity,))
        counterparty = counterparty or _twin(entity, profiles)
    if counterparty:
        found.take("who is dealt with", counterparty, counterparty=(counterparty,))
    device = _best(profiles, found.roles, names.DEVICE, lambda c: c.distinct > _FEW or c.distinct_share > 0.2)
    if device:
        found.take("what it was done from", device, device=(device,))


def _twin(entity: str, profiles: Profiles) -> str | None:
    """A header that names the account column twice means both sides: Account, Account.1."""
    return f"{entity}.1" if f"{entity}.1" in profiles else None


def _id(profiles: Profiles, found: Found) -> None:
    unique = [
        name
        for name, column in profiles.items()
        if name not in found.roles
        and column.distinct == len(column) > 1
        and (not column.is_numeric or column.is_whole)
    ]
    for fits in (_is_id, lambda name: re.search(r"\bid\b", names.words(name))):
        for name in unique:
            if fits(name):
                return found.take("names the row: no two are alike", name, id=name)
    if found.mapping.id is None and found.mapping.entity == ():
        unique = _best(profiles, found.roles, names.ENTITY, lambda c: c.distinct == len(c) >= 5)
        if unique:
            found.take("names the row: no two are alike", unique, id=unique)
    return None


def _is_id(name: str) -> bool:
    """c1 is the first column when nobody named it, as the row numbers of a data frame are."""
    return name == "c1" or names.ID.fullmatch(names.squashed(name)) is not None


def _weight(profiles: Profiles, found: Found) -> None:
    for name, column in profiles.items():
        named = names.WEIGHT.fullmatch(names.squashed(name)) and name not in found.roles
        if named and column.is_numeric and np.nanmin(column.numbers) >= 0:
            return found.take("the weight of the row", name, weight=name)
    return None


def _repeats(column: Profile) -> bool:
    """Whether values come back, so that there is a history to read."""
    return _names_somebody(column) and (column.distinct_share < 0.95 or len(column) < _FEW)


def _names_somebody(column: Profile) -> bool:
    """Texts or whole numbers; more than a handful, unless the name says that they are ids."""
    few = 1 if names.NAMES_ONE.search(names.squashed(column.name)) else min(_FEW, len(column) / 5)
    return column.distinct > few and (not column.is_numeric or column.is_whole)


def _best(profiles: Profiles, taken: set[str], patterns: tuple[str, ...], usable) -> str | None:
    """The usable column whose name fits the earliest pattern; the first of the file wins a tie."""
    ranked = [
        (place, name)
        for name, column in profiles.items()
        if name not in taken and (place := names.rank(name, patterns)) is not None and usable(column)
    ]
    return min(ranked, key=lambda one: one[0])[1] if ranked else None
