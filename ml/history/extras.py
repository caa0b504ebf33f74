"""Features read straight from the extra columns: numbers, codes, and books that balance with the amount."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ml.features.spec import NULL
from ml.history.history import History
from ml.history.plan import Plan


def column_values(history: History, plan: Plan) -> Iterator[np.ndarray]:
    """float32 [n] each, in the order of `plan.columns()`."""
    for name in plan.numeric:
        yield np.asarray(history.numeric[name])
    for name, vocabulary in plan.codes.items():
        yield _codes(history, name, vocabulary)
    money = amounts(history) if plan.balances or plan.parts else None
    for a, b in plan.balances:
        difference = _numbers(history, a) - _numbers(history, b)
        yield (difference - money).astype(np.float32)
        yield (difference + money).astype(np.float32)
    for name in plan.parts:
        whole = _numbers(history, name)
        yield (whole / np.where(money == 0, np.nan, money)).astype(np.float32)
        yield (whole - money).astype(np.float32)


def amounts(history: History) -> np.ndarray:
    """float64 [n] in units of money, NaN for missing."""
    minor = np.asarray(history.events["amount_minor"])
    return np.where(minor == NULL, np.nan, minor / 100.0)


def _numbers(history: History, name: str) -> np.ndarray:
    return np.asarray(history.numeric[name], dtype=np.float64)


def _codes(history: History, name: str, vocabulary: tuple[str, ...]) -> np.ndarray:
    """The model's own codes: another history may number its words differently; new words are missing."""
    codes, words = history.categorical[name]
    place = {word: number for number, word in enumerate(vocabulary)}
    mapped = np.array([place.get(word, np.nan) for word in words] + [np.nan], dtype=np.float32)
    return mapped[np.asarray(codes)]  # -1, missing, is the last
