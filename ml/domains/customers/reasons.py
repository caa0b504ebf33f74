"""Why customers got their probabilities: the attributes that raise each most, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from ml.artifacts.model import Model
from ml.domains.customers.features import CUSTOMERS
from ml.explainability.batch import contributions
from ml.explainability.reasons import Reason, reason_code
from ml.explainability.wording import phrase

REASONS = 3
LEAST = 0.05  # log-odds; less is no reason


def reasons_of(
    model: Model, rows: Sequence[Mapping[str, Any]], X: np.ndarray, limit: int = REASONS
) -> list[list[Reason]]:
    """For each row at most `limit` reasons that raise its probability, the strongest first.

    rows: attributes as stored; X [n, K]: their vectors in the order of the model's features. The flags of
    one choice count together.
    """
    groups, places = _groups(model)
    added = contributions(model, X)
    by_group = np.zeros((len(X), len(groups)))
    for place, group in enumerate(places):
        by_group[:, group] += added[:, place]
    strongest = np.argsort(-by_group, axis=1, kind="stable")[:, :limit]
    amounts = np.take_along_axis(by_group, strongest, axis=1).round(4).tolist()
    codes, values = [reason_code(name) for name in groups], _values(model, groups, rows, X)
    said = cache(lambda group, value: _text(model, groups[group], value))  # most values come many times
    return [
        [
            Reason(codes[group], said(group, values[group][row]), amount)
            for group, amount in zip(order, added, strict=True)
            if amount >= LEAST
        ]
        for row, (order, added) in enumerate(zip(strongest.tolist(), amounts, strict=True))
    ]


def _groups(model: Model) -> tuple[list[str], list[int]]:
    """Names of what reasons speak of, and the number of the group that each feature belongs to."""
    names = [_subject(name) for name in model.card.features]
    groups = list(dict.fromkeys(names))
    return groups, [groups.index(name) for name in names]


def _subject(name: str) -> str:
    feature = CUSTOMERS.feature(name)
    return feature.operands[0] if feature.op == "is" else name


def _values(
    model: Model, groups: Sequence[str], rows: Sequence[Mapping[str, Any]], X: np.ndarray
) -> list[list[Any]]:
    """What each group's reason tells of every row: the number, or the word that was chosen."""
    return [
        X[:, model.card.features.index(name)].tolist()
        if name in CUSTOMERS.numbers
        else [row.get(name) if isinstance(row.get(name), str) else None for row in rows]
        for name in groups
    ]


def _text(model: Model, subject: str, value: Any) -> str:
    if subject in CUSTOMERS.numbers:
        return phrase(CUSTOMERS.feature(subject), value, model.card.medians.get(subject))
    return f"{subject.capitalize()}: {value.replace('_', ' ') if value else 'not known'}"
