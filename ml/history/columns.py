"""Columns that grow chunk by chunk: numbers, categories, keys of entities, texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ml.features.durations import DAY
from ml.features.keys import entity_key
from ml.features.spec import NULL
from ml.history.cards import masked
from ml.history.moments import MomentReader
from ml.history.numbers import MISSING, numbers
from ml.history.times import read_moments

MOST_CATEGORIES = 100_000
OTHER = "(other)"  # what a column's values beyond the first hundred thousand are counted as
LONGEST_CATEGORY = 200
_LARGEST = float(np.finfo(np.float32).max)
_JOINT = "\x1f"  # between the texts of an entity that stands in several columns


class Numbers:
    """An extra column of numbers; a date becomes the days from it to the event (or from it to 2000)."""

    def __init__(self, decimal: str, marks: frozenset[str], dates: MomentReader | None = None):
        self.decimal, self.marks, self.dates = decimal, marks, dates
        self.chunks: list[np.ndarray] = []
        self.wrong = 0
        self.examples: list[tuple[int, str]] = []  # line, text

    def add(self, texts: Sequence[str], lines: Sequence[int], times: np.ndarray | None) -> None:
        if self.dates is not None:
            values, wrong = self._ages(texts, times)
        else:
            values, wrong = numbers(texts, self.decimal, self.marks, truth=True)
        values[np.abs(values) > _LARGEST] = np.nan
        self.wrong += len(wrong)
        for row in wrong[: 3 - len(self.examples)]:
            self.examples.append((lines[row], masked(texts[row])[:40]))
        self.chunks.append(values.astype(np.float32))

    def _ages(self, texts: Sequence[str], times: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        moments, _, reasons = read_moments(texts, self.dates, any_year=True)
        wrong = [row for row, reason in reasons.items() if reason != "is missing"]
        until = times if times is not None else 10_957 * DAY
        ages = np.where(moments == NULL, np.nan, (until - moments) / DAY)
        return ages, np.array(wrong, np.intp)

    def take(self, order: np.ndarray) -> np.ndarray:
        """All values in the given order; the chunks are let go."""
        return _taken(self.chunks, order, np.float32)


class Categories:
    """An extra column of texts, as codes in order of first appearance until they are taken."""

    def __init__(self, marks: frozenset[str]):
        self._codes = _Codes(marks)
        self.chunks: list[np.ndarray] = []

    @property
    def overflowed(self) -> bool:
        return OTHER in self._codes.words

    def add(self, texts: Sequence[str], lines: Sequence[int], times: np.ndarray | None) -> None:
        self.chunks.append(np.fromiter(map(self._codes.__getitem__, texts), np.int32, len(texts)))

    def take(self, order: np.ndarray) -> tuple[np.ndarray, list[str]]:
        """Codes in the given order, and the words they stand for, sorted; -1 for missing."""
        codes = _taken(self.chunks, order, np.int32)
        words = list(self._codes.words)
        ranked = sorted(range(len(words)), key=words.__getitem__)
        new = np.empty(len(words) + 1, np.int32)
        new[ranked] = np.arange(len(words), dtype=np.int32)
        new[-1] = -1
        return new[codes], [words[place] for place in ranked]


class _Codes(dict):
    """Text as it stands -> code; stripped texts share one, missing ones are -1."""

    def __init__(self, marks: frozenset[str]):
        super().__init__()
        self.marks, self.words = marks, {}

    def __missing__(self, text: str) -> int:
        word = text.strip()[:LONGEST_CATEGORY]
        if word.upper() in self.marks:
            code = -1
        elif word in self.words or len(self.words) < MOST_CATEGORIES:
            code = self.words.setdefault(word, len(self.words))
        else:
            return self.words.setdefault(OTHER, len(self.words))
        if len(text) <= LONGEST_CATEGORY:  # long ones are many and large: what they are is told anew
            self[text] = code
        return code


class Keys:
    """64-bit keys of an entity of this kind: long digit strings stay texts, and no text is stored."""

    _MOST_REMEMBERED = 200_000

    def __init__(self, kind: str, marks: frozenset[str] = MISSING):
        self.kind, self.marks = kind, marks
        self._known: dict[str, int] = {}
        self.chunks: list[np.ndarray] = []

    def add(self, columns: Sequence[Sequence[str]]) -> None:
        texts = columns[0] if len(columns) == 1 else [self._joint(row) for row in zip(*columns, strict=True)]
        if len(self._known) > self._MOST_REMEMBERED:
            self._known.clear()
        new = {text: self._key(text) for text in set(texts) - self._known.keys()}
        known = self._known | new if new else self._known
        self.chunks.append(np.fromiter(map(known.__getitem__, texts), np.int64, len(texts)))
        self._known.update((text, key) for text, key in new.items() if len(text) <= LONGEST_CATEGORY)

    def _joint(self, row: tuple[str, ...]) -> str:
        """Missing unless every part is there."""
        parts = [part.strip() for part in row]
        return "" if any(part.upper() in self.marks for part in parts) else _JOINT.join(parts)

    def _key(self, text: str) -> int:
        text = text.strip()
        return NULL if text.upper() in self.marks else entity_key(self.kind, text)

    def take(self, order: np.ndarray) -> np.ndarray:
        return _taken(self.chunks, order, np.int64)


class Values:
    """A column of numpy values, as they come."""

    def __init__(self, dtype: type):
        self.dtype = dtype
        self.chunks: list[np.ndarray] = []

    def add(self, values: np.ndarray) -> None:
        self.chunks.append(values)

    def take(self, order: np.ndarray) -> np.ndarray:
        return _taken(self.chunks, order, self.dtype)


def _taken(chunks: list[np.ndarray], order: np.ndarray, dtype: type) -> np.ndarray:
    whole = np.concatenate(chunks) if chunks else np.empty(0, dtype)
    chunks.clear()
    return whole[order]
