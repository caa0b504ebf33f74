"""Columns of many events, as the numpy evaluator reads them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .language.tree import Kind


class Truth(NamedTuple):
    """A three-valued bool: where it is true, where it is false; elsewhere it cannot be evaluated."""

    true: np.ndarray
    false: np.ndarray


class Texts(NamedTuple):
    """Dictionary-coded texts: `values[code]`, -1 where missing."""

    codes: np.ndarray
    values: tuple[str, ...]

    @classmethod
    def encode(cls, texts: np.ndarray | list) -> "Texts":
        """From texts with None (or NaN) for missing."""
        known: dict[str, int] = {}
        codes = [known.setdefault(text, len(known)) if isinstance(text, str) else -1 for text in texts]
        return cls(np.array(codes, np.int32), tuple(known))

    def where(self, test: Callable[[str], bool]) -> Truth:
        """The test is run once per distinct text, not once per row."""
        table = np.array([test(value) for value in self.values] + [False], bool)
        true = table[self.codes]
        return Truth(true, ~true & (self.codes >= 0))

    def recoded(self, values: tuple[str, ...]) -> np.ndarray:
        """Codes of the same texts in another dictionary; -2 for a text that is not in it, -1 missing."""
        position = {value: code for code, value in enumerate(values)}
        table = np.array([position.get(value, -2) for value in self.values] + [-1], np.int32)
        return table[self.codes]


Column = np.ndarray | Truth | Texts


def as_column(kind: Kind, raw: np.ndarray | Truth | Texts, rows: slice) -> Column:
    """A slice of a raw column in the evaluator's form.

    Numbers, times and durations: float64, NaN missing. Bools: float64 1.0/0.0/NaN or a bool array.
    Texts: Texts, or an array of str with None for missing.
    """
    if isinstance(raw, Truth):
        return Truth(raw.true[rows], raw.false[rows])
    if isinstance(raw, Texts):
        return Texts(raw.codes[rows], raw.values)
    part = raw[rows]
    if kind is Kind.TEXT:
        return Texts.encode(part)
    if kind is Kind.BOOL:
        return Truth(part == 1, part == 0)
    return np.asarray(part, np.float64)
