"""Fraud rates and frequencies of categories for histories without time, learnt out of fold.

With time, rates are taken from the labels known at each moment (ml.history.habits) and need no encoder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ml.features.spec import NULL
from ml.history.history import History
from ml.history.subjects import COLUMN, ROLE_KEYS, key_of

FOLDS = 5
STRENGTH = 10.0
FEW_WORDS = 12  # fewer are told apart by codes well enough


@dataclass(frozen=True)
class Encoder:
    """keys: per column int64 [n], codes of this history; learnt: per column {word: (rate, rows)}."""

    keys: Mapping[str, np.ndarray]
    words: Mapping[str, np.ndarray]
    learnt_words: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=dict)
    usual: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"{name} {what}" for name in self.keys for what in ("rate", "frequency"))

    def learnt(self, rows: np.ndarray, y: np.ndarray, seed: int) -> tuple[Encoder, np.ndarray]:
        """The encoder of these rows, and their own values float32 [rows, columns], each out of its fold."""
        target = y[rows]
        fold = np.random.default_rng(seed).permutation(len(rows)) % FOLDS
        own = np.empty((len(rows), len(self.names)), np.float32)
        for held in range(FOLDS):
            inside, outside = np.flatnonzero(fold == held), np.flatnonzero(fold != held)
            own[inside] = self._fitted(rows[outside], target[outside]).values(rows[inside])
        encoder = self._fitted(rows, target)
        # how often a value occurs is no label: it is taken from all rows, as it will be for later ones
        own[:, 1::2] = encoder.values(rows)[:, 1::2]
        return encoder, own

    def values(self, rows: np.ndarray) -> np.ndarray:
        """float32 [rows, columns]: smoothed rate and share of rows of each value; new values are usual."""
        columns = []
        for name, codes in self.keys.items():
            known = self.learnt_words[name]
            pairs = [known.get(word, (self.usual, 0.0)) for word in self.words[name].tolist()]
            table = np.array([*pairs, (self.usual, 0.0)], np.float32)  # the last is missing: -1
            columns.append(table[codes[rows]])
        return np.hstack(columns) if columns else np.empty((len(rows), 0), np.float32)

    def _fitted(self, rows: np.ndarray, target: np.ndarray) -> Encoder:
        usual = float(target.mean())
        learnt = {}
        for name, codes in self.keys.items():
            here, present = codes[rows], codes[rows] >= 0
            size = np.bincount(here[present], minlength=len(self.words[name])).astype(np.float64)
            frauds = np.bincount(here[present], target[present], minlength=len(self.words[name]))
            rate = (frauds + STRENGTH * usual) / (size + STRENGTH)
            seen = np.flatnonzero(size)
            words = self.words[name].tolist()
            learnt[name] = {words[i]: (float(rate[i]), float(size[i] / len(rows))) for i in seen}
        return replace(self, learnt_words=learnt, usual=usual)

    def as_json(self) -> dict:
        """What was learnt, without the rows it was learnt from."""
        return {"usual": self.usual, "words": {n: dict(w) for n, w in self.learnt_words.items()}}

    @classmethod
    def from_json(cls, told: Mapping, history: History) -> Encoder:
        """What was learnt, applied to a history. Raises ValueError naming a column it lacks."""
        names = list(told["words"])
        if missing := [n for n in names if not _has(history, n)]:
            raise ValueError(f"history {history.name} has no {', '.join(missing)}; the model reads it")
        bare = encoder_of(history, names)
        return replace(bare, learnt_words=told["words"], usual=told["usual"])


def encoded_names(history: History) -> list[str]:
    """Roles and columns of too many values to be read as codes."""
    roles = [role for role in ROLE_KEYS if role in history.roles]
    columns = [f"{COLUMN}{n}" for n, (_, words) in history.categorical.items() if len(words) > FEW_WORDS]
    return [*roles, *columns]


def encoder_of(history: History, names: list[str]) -> Encoder:
    """An encoder of these roles and columns that has learnt nothing yet."""
    keys, words = {}, {}
    for name in names:
        if name in ROLE_KEYS:
            distinct, codes = np.unique(key_of(history, name), return_inverse=True)
            if len(distinct) and distinct[0] == NULL:
                distinct, codes = distinct[1:], codes - 1
            keys[name], words[name] = codes, distinct.astype(str)
        else:
            codes, vocabulary = history.categorical[name.removeprefix(COLUMN)]
            keys[name], words[name] = np.asarray(codes), np.array(vocabulary, dtype=object)
    return Encoder(keys, words)


def _has(history: History, name: str) -> bool:
    return name in history.roles if name in ROLE_KEYS else name.removeprefix(COLUMN) in history.categorical
