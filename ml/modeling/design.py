"""The rows that a history offers to training: one matrix, and encodings that must be learnt fold by fold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.history.encoders import Encoder
from ml.modeling.fitting import Table


@dataclass(frozen=True)
class Vectors:
    """Features that live events carry: names, X float32 [n, K] of a history's rows, and their source."""

    names: tuple[str, ...]
    X: np.ndarray
    source: str


@dataclass(frozen=True)
class Design:
    """X float32 [n, K] of all rows; `encoder` adds columns where there is no time to learn them in order of.

    names: of the columns of X and then of the encoder's; categorical: columns of X that hold codes.
    """

    X: np.ndarray
    y: np.ndarray
    weight: np.ndarray | None
    names: tuple[str, ...]
    categorical: tuple[int, ...]
    encoder: Encoder | None = None

    def fitted(self, rows: np.ndarray, seed: int) -> tuple[Table, Encoder | None]:
        """The table to fit on, encoded out of fold, and the encoder that other rows are seen through."""
        weight = None if self.weight is None else self.weight[rows]
        if self.encoder is None:
            return Table(_taken(self.X, rows), self.y[rows], weight, self.categorical), None
        encoder, extra = self.encoder.learnt(rows, self.y, seed)
        X = np.hstack([self.X[rows], extra])
        return Table(X, self.y[rows], weight, self.categorical), encoder

    def seen(self, rows: np.ndarray, encoder: Encoder | None) -> np.ndarray:
        """X of rows that took no part in the fit."""
        X = _taken(self.X, rows)
        return X if encoder is None else np.hstack([X, encoder.values(rows)])


def _taken(X: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """A view where the rows follow each other: a copy of a million rows costs a gigabyte."""
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        return X[rows[0] : rows[-1] + 1]
    return X[rows]
