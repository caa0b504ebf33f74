"""The things whose habits are followed in a history, and their keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.features.spec import NULL
from ml.history.history import History

ROLE_KEYS = {"entity": "sender_key", "counterparty": "receiver_key", "device": "device_key"}
COLUMN = "column:"


@dataclass(frozen=True)
class Subject:
    """keys: roles or `column:NAME`, joined into one; depth: full, short or labels; other: whom it meets."""

    name: str
    keys: tuple[str, ...]
    depth: str
    other: str | None = None
    labels: bool = False


def roles_of(subjects_other: dict[str, str | None], depth: str = "full") -> list[Subject]:
    return [Subject(name, (name,), depth, other, labels=True) for name, other in subjects_other.items()]


def key_of(history: History, name: str) -> np.ndarray:
    """int64 [n], NULL for missing: the key of a role, or the code of a categorical column."""
    if name in ROLE_KEYS:
        return np.asarray(history.events[ROLE_KEYS[name]])
    codes = np.asarray(history.categorical[name.removeprefix(COLUMN)][0])
    return np.where(codes < 0, NULL, codes.astype(np.int64))


def joined_key(history: History, names: tuple[str, ...]) -> np.ndarray:
    """One int64 [n] for several keys together, NULL where any is missing."""
    first, *rest = (key_of(history, name) for name in names)
    for other in rest:
        left, right = _dense(first), _dense(other)
        both = left * (right.max(initial=0) + 1) + right
        first = np.where((left < 0) | (right < 0), NULL, both)
    return first


def _dense(key: np.ndarray) -> np.ndarray:
    """Codes from 0 on, -1 for missing."""
    distinct, codes = np.unique(key, return_inverse=True)
    return codes - 1 if len(distinct) and distinct[0] == NULL else codes
