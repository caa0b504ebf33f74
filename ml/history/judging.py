"""What becomes of a column without a role: a number, a category, or left out for a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ml.features.durations import DAY
from ml.history import names
from ml.history.moments import MomentReader
from ml.history.profile import LONG_DIGITS, Profile
from ml.history.times import read_moments
from ml.preprocessing.separation import of_groups, of_numbers

NUMERIC, CATEGORICAL, IGNORE = "numeric", "categorical", "ignore"
LEAK_AUC = 0.98
FEWEST_OF_A_CLASS = 10  # below that a perfect column is chance
MOST_CATEGORIES = 10_000
_FEW = 50


class Fate(NamedTuple):
    """kind: numeric, categorical or ignore; topic: personal, prohibited, leak, ...; why: in words."""

    kind: str
    topic: str = ""
    why: str = ""


@dataclass(frozen=True)
class Surroundings:
    """What a column is judged against: the sample's event times and labels, and what the data is about."""

    is_credit: bool = False
    times: np.ndarray | None = None  # int64 [n], microseconds
    y: np.ndarray | None = None  # int8 [n]


def judge(column: Profile, around: Surroundings) -> Fate:
    """The fate of one column, by name and by values."""
    for look in (_empty, _personal, _prohibited, _opinion, _moment, _identifier):
        if (fate := look(column, around)) is not None:
            return fate
    fate = _by_values(column)
    if fate.kind != IGNORE and (found := separation(column, around.y)) is not None and found > LEAK_AUC:
        return Fate(IGNORE, "leak", f"gives the label away by itself (AUC {found:.3f})")
    return fate


def is_about_credit(columns: list[str]) -> bool:
    """Whether several columns speak of credit, so that age is a prohibited basis."""
    spoken = [names.words(name) for name in columns]
    return (
        any(names.ABOUT_CREDIT.search(name) for name in spoken)
        or sum(names.CREDIT.search(name) is not None for name in spoken) >= 3
    )


def separation(column: Profile, y: np.ndarray | None) -> float | None:
    """Best AUC of the column alone on the sample, or None where too few labels are known."""
    if y is None or min((y == 1).sum(), (y == 0).sum()) < FEWEST_OF_A_CLASS:
        return None
    known = y >= 0
    if column.is_numeric:
        return of_numbers(column.numbers[known], y[known])
    return of_groups(np.array(column.texts)[known], y[known])


def personal(column: Profile) -> str | None:
    """What personal data the column holds, or None. A name alone does not say so: the values must fit."""
    if found := column.personal_values:
        return found
    plain = names.squashed(column.name)
    for pattern, what in names.PERSONAL:
        if pattern.fullmatch(plain) and _fits(column, what):
            return what
    return None


def prohibited(column: Profile, is_credit: bool) -> str | None:
    """Which prohibited basis the column is, or None."""
    spoken = names.words(column.name)
    for pattern, what in names.PROHIBITED:
        if pattern.search(spoken):
            return what
    if is_credit and names.AGE.search(spoken) and not names.NOT_AN_AGE.search(spoken):
        return "age"
    values = {text.strip("'\"").lower() for text in column.counts} if column.distinct <= 8 else set()
    if values & names.MALE and values & names.FEMALE:
        return "sex"
    return "marital status" if len(values & names.MARITAL) > 1 else None


def _empty(column: Profile, around: Surroundings) -> Fate | None:
    if column.distinct == 0:
        return Fate(IGNORE, "constant", "is empty")
    return Fate(IGNORE, "constant", "has one value only") if column.is_constant else None


def _personal(column: Profile, around: Surroundings) -> Fate | None:
    what = personal(column)
    return Fate(IGNORE, "personal", f"personal data: {what}") if what else None


def _prohibited(column: Profile, around: Surroundings) -> Fate | None:
    what = prohibited(column, around.is_credit)
    return Fate(IGNORE, "prohibited", f"a prohibited basis: {what}") if what else None


def _opinion(column: Profile, around: Surroundings) -> Fate | None:
    spoken = names.words(column.name)
    if names.OPINION.search(spoken) and not names.ABOUT_THE_PAST.search(spoken):
        return Fate(IGNORE, "opinion", "another label, or somebody's opinion of it")
    return None


def _moment(column: Profile, around: Surroundings) -> Fate | None:
    """A date is read as the days from it to the event, unless it is the event's own or lies after it."""
    if column.date_share < 0.95:
        return _grows(column, around)
    if around.times is None:
        return Fate(IGNORE, "time", "a time, and there is no time of the event to compare it with")
    moments, _, _ = read_moments(column.texts, MomentReader(column.dayfirst), any_year=True)
    known = [text.upper() not in column.marks for text in column.texts]
    days = ((around.times - moments) / DAY)[known]
    if np.ptp(days) < 1.01:
        return Fate(IGNORE, "time", "the time of the event again")
    if np.mean(days < -1e-6) > 0.5 and np.mean(days < 1) > 0.9:
        return Fate(IGNORE, "after", "lies after the event: it is not known at its moment")
    return Fate(NUMERIC, "date", "a date: read as the days from it to the event")


def _grows(column: Profile, around: Surroundings) -> Fate | None:
    if not column.is_numeric or around.times is None or column.distinct < 20:
        return None
    known = ~np.isnan(column.numbers)
    if known.sum() < 50 or len(np.unique(around.times[known])) < 20:
        return None
    ordered = column.numbers[known][np.argsort(around.times[known], kind="stable")]
    if np.mean(np.diff(ordered) >= 0) > 0.999:
        return Fate(IGNORE, "time", "grows with the time of the event")
    return None


def _identifier(column: Profile, around: Surroundings) -> Fate | None:
    if len(column) < _FEW:
        return None
    named = names.IDENTIFIER.search(names.words(column.name)) is not None
    rising = column.is_numeric and column.is_whole and bool(np.all(np.diff(column.numbers) == 1))
    unique = column.distinct_share > 0.98 and len(column.present) > 0.5 * len(column)
    whole = column.is_numeric and column.is_whole and column.numbers[~np.isnan(column.numbers)].min() >= 0
    if rising or (unique and ((whole and named) or not column.is_numeric)):
        return Fate(IGNORE, "identifier", "names the row: no two are alike")
    return None


def _by_values(column: Profile) -> Fate:
    spoken = names.words(column.name)
    if column.is_numeric:
        named = names.CODE.search(spoken) and not names.NOT_A_CODE.search(spoken)
        if not named or not column.is_whole or column.distinct <= 2:
            return Fate(NUMERIC)
        if column.distinct > MOST_CATEGORIES or (column.distinct > _FEW and column.distinct_share > 0.5):
            return Fate(IGNORE, "identifier", "codes that hardly repeat")
        return Fate(CATEGORICAL, "code", "numbers that are codes")
    many = column.distinct > _FEW
    if many and column.distinct_share > 0.5 and not column.is_code and column.number_share >= 0.9:
        return Fate(NUMERIC, "mixed", "numbers, with some texts among them that count as missing")
    if many and (column.distinct_share > 0.5 or column.distinct > MOST_CATEGORIES):
        what = f"digits of {LONG_DIGITS} places or more" if column.is_code else "texts that hardly repeat"
        return Fate(IGNORE, "identifier", what)
    if column.number_share >= 0.9 and not column.is_code:
        return Fate(NUMERIC, "mixed", "numbers, with some texts among them that count as missing")
    return Fate(CATEGORICAL)


def _fits(column: Profile, what: str) -> bool:
    """Whether the values can be such data: many of them, texts or long digits, not codes or flags."""
    if column.distinct < 3 or (len(column.present) >= _FEW and column.distinct < 10):
        return False
    if what == "a telephone number":
        return column.looks_like_phones
    if what == "an e-mail address":
        return column.personal_values is not None
    if what == "a date of birth":
        return column.date_share > 0.9 or (column.is_numeric and column.distinct > 50)
    if what == "an official number":
        return column.distinct_share > 0.05
    return not column.is_numeric
