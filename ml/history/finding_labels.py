"""Which column is the label, which of its values mean fraud, and when it became known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ml.history import names
from ml.history.labels import FRAUD_WORDS, LEGITIMATE_WORDS, canonical, means_nothing_by_itself
from ml.history.mapping import LabelMapping
from ml.history.profile import Profile

MOST_VALUES = 20
_NAMED_FRAUD = 2  # ranks up to here speak of fraud; the others are usual names of any label


def find_label(profiles: Mapping[str, Profile]) -> tuple[LabelMapping, str] | None:
    """The label with its values, and why; None when no column can be one."""
    ranked = []
    for place, (name, column) in enumerate(profiles.items()):
        rank = names.rank(name, names.LABEL)
        if rank is not None and _can_be(column, strict=rank > _NAMED_FRAUD):
            ranked.append((rank, -place, name))
    if ranked:
        name = min(ranked)[2]
        return _mapped(profiles[name], f"'{name}' is a usual name of a label")
    last = list(profiles.values())[-1]
    if last.distinct == 2 and {canonical(text) for text in last.counts} in ({"0", "1"}, {"1", "2"}):
        return _mapped(last, "the last column, of two values; no name says what the label is")
    return None


def find_label_time(profiles: Mapping[str, Profile], taken: set[str], y: np.ndarray | None) -> str | None:
    """A date named after a report or chargeback: of all known labels, or mostly where fraud is."""
    if y is None:
        return None
    for name, column in profiles.items():
        if name in taken or not names.LABEL_TIME.fullmatch(names.squashed(name)) or column.date_share < 0.9:
            continue
        filled = np.array([text.upper() not in column.marks for text in column.texts])
        labelled = filled[y >= 0]  # what has no label yet has no date of one
        if filled.all() or (len(labelled) and labelled.all()) or _stands_with_fraud(filled, y):
            return name
    return None


def _stands_with_fraud(filled: np.ndarray, y: np.ndarray) -> bool:
    frauds, others = filled[y == 1], filled[y == 0]
    return bool(len(frauds) and frauds.mean() > (others.mean() if len(others) else 0) + 0.5)


def _can_be(column: Profile, *, strict: bool) -> bool:
    """Few values; where the name says little, two of them, or words that mean something."""
    forms = {canonical(text) for text in column.counts}
    if not forms and not strict:  # nobody knows yet: the history can be scored
        return True
    if not 1 <= len(forms) <= MOST_VALUES:
        return False
    if not strict:
        return len(forms) <= 2 or bool(forms & FRAUD_WORDS)
    return (len(forms) == 2 and not forms <= {"2", "3", "4"}) or len(
        forms & (FRAUD_WORDS | LEGITIMATE_WORDS)
    ) > 1


def _mapped(column: Profile, why: str) -> tuple[LabelMapping, str]:
    fraud = tuple(text for text in column.counts if canonical(text) in FRAUD_WORDS)
    legitimate = tuple(text for text in column.counts if canonical(text) in LEGITIMATE_WORDS)
    if not means_nothing_by_itself(column.counts) or (fraud and legitimate and _are_words(column)):
        return LabelMapping(column.name, fraud or None, legitimate or None), why
    if not column.distinct:
        return LabelMapping(column.name), f"{why}; it is empty"
    if column.distinct == 1:
        only = next(iter(column.counts))
        if legitimate:
            return LabelMapping(column.name, None, (only,)), f"{why}; only '{only}' was met"
        return LabelMapping(column.name, (only,), None), f"{why}; only '{only}' was met"
    known = [text for text in column.counts if canonical(text) not in ("unknown", "other", "pending")]
    usual, rare = known[0], known[1]
    rest = f", {len(known) - 2} other values as unknown" if len(known) > 2 else ""
    return (
        LabelMapping(column.name, (rare,), (usual,)),
        f"{why}; '{rare}' is the rarer value, taken as fraud{rest}: check it",
    )


def _are_words(column: Profile) -> bool:
    """Words say what they mean; of the digits 1 and 2 nobody knows."""
    return not all(canonical(text).lstrip("-").isdigit() for text in column.counts)
