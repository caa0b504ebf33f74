"""What a sample says about each column of a file."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ml.history.cards import luhn
from ml.history.moments import MomentReader
from ml.history.numbers import MISSING, as_number
from ml.history.source import Source

SAMPLE_ROWS = 20_000
SAMPLE_CELLS = 2_000_000
ROWS_LOOKED_AT = 1_000_000
LONGEST_TEXT = 200  # characters of a value that are looked at; numpy gives every row the room of the longest
BYTES_OF_A_ROW = 2_000  # 100 MB in a request that looks at 50,000 rows
_JUDGED = 2_000  # values that patterns are tried on
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE = re.compile(r"(?:\+|00|\()?[\d(][\d\s().\-x]{6,}\d")
_DIGITS = re.compile(r"\d+")
_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}([. ]\d{3})+),(\d{1,2}|\d{4,})")
_POINT = re.compile(r"[+-]?(\d+|\d{1,3}([, ]\d{3})+)\.(\d{1,2}|\d{4,})")
LONG_DIGITS = 12


@dataclass(frozen=True)
class Sample:
    """Rows drawn evenly from a file, in its order; `rows` counts those looked at."""

    columns: tuple[tuple[str, ...], ...]
    lines: np.ndarray
    rows: int
    whole: bool

    def __len__(self) -> int:
        return len(self.lines)


def sample(source: Source, *, most: int = SAMPLE_ROWS, looked_at: int = ROWS_LOOKED_AT) -> Sample:
    """At most `most` rows of the first `looked_at`, each as likely as the others; always the same ones.

    Of a file of huge rows fewer are looked at: somebody may wait for the answer.
    """
    most = max(min(most, SAMPLE_CELLS // len(source.columns)), 200)
    random, kept, keys, rows = np.random.default_rng(1), [], np.empty(0), 0
    whole, met, read = True, 0, 0
    for chunk, _ in source.chunks():
        rows, before = rows + len(chunk.rows), len(kept)
        met, read = met + chunk.met, read + chunk.bytes
        kept += zip(chunk.lines, chunk.rows, strict=True)
        keys = np.append(keys, random.random(len(chunk.rows)))
        if len(kept) > most:
            chosen = np.sort(np.argpartition(keys, most)[:most])
            kept = [kept[place] if place < before else _cut(*kept[place]) for place in chosen]
            keys = keys[chosen]
        else:
            kept[before:] = [_cut(*row) for row in kept[before:]]
        if met >= looked_at or read >= BYTES_OF_A_ROW * looked_at:
            whole = False
            break
    columns = tuple(zip(*(row for _, row in kept), strict=True)) or ((),) * len(source.columns)
    return Sample(columns, np.array([line for line, _ in kept], np.int64), rows, whole)


def _cut(line: int, row: list[str]) -> tuple[int, list[str]]:
    return line, [text if len(text) <= LONGEST_TEXT else text.lstrip()[:LONGEST_TEXT] for text in row]


def decimal_mark(drawn: Sample) -> str:
    """ "," when numbers are written 12,5 and none 12.5."""
    comma = point = 0
    for column in drawn.columns:
        for text in column[:200]:
            text = text.strip()
            comma += _COMMA.fullmatch(text) is not None
            point += _POINT.fullmatch(text) is not None
    return "," if comma > 20 * point and comma > 0 else "."


class Profile:
    """One column of a sample: `texts` as they stand, stripped."""

    def __init__(
        self,
        name: str,
        place: int,
        texts: tuple[str, ...],
        decimal: str = ".",
        marks: frozenset[str] = MISSING,
    ):
        self.name, self.place, self.decimal = name, place, decimal
        self.texts = [text.strip() for text in texts]
        self.present = [text for text in self.texts if text.upper() not in marks]
        self.marks = marks

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def distinct(self) -> int:
        return len(set(self.present))

    @property
    def distinct_share(self) -> float:
        return self.distinct / max(len(self.present), 1)

    @property
    def is_constant(self) -> bool:
        """One value in every row, or nothing at all."""
        return self.distinct == 0 or (self.distinct == 1 and len(self.present) == len(self.texts))

    @cached_property
    def counts(self) -> dict[str, int]:
        """Rows of each value, the most frequent first."""
        return dict(Counter(self.present).most_common())

    @cached_property
    def numbers(self) -> np.ndarray:
        """float64 [n], NaN where no number stands."""
        known: dict[str, float] = {}
        for text in set(self.present):
            number = as_number(text, self.decimal)
            known[text] = np.nan if number is None else number
        return np.array([known.get(text, np.nan) for text in self.texts])

    @cached_property
    def number_share(self) -> float:
        return float((~np.isnan(self.numbers)).sum() / max(len(self.present), 1))

    @property
    def is_numeric(self) -> bool:
        return self.number_share >= 0.98 and not self.is_code

    @cached_property
    def is_whole(self) -> bool:
        known = self.numbers[~np.isnan(self.numbers)]
        return bool(len(known) and (known == np.rint(known)).all())

    @cached_property
    def is_code(self) -> bool:
        """Digits that are no number: long ones, or some with zeros in front."""
        judged = self.present[:_JUDGED]
        digits = [text for text in judged if _DIGITS.fullmatch(text)]
        if len(digits) < 0.9 * max(len(judged), 1):
            return False
        long = sum(len(text) >= LONG_DIGITS for text in digits)
        padded = sum(text[0] == "0" and len(text) > 1 for text in digits)
        return long > 0.5 * len(digits) or padded > 0

    @cached_property
    def date_share(self) -> float:
        """Share of the values that are dates or moments written with separators."""
        return max(self.dates(False), self.dates(True))

    def dates(self, dayfirst: bool) -> float:
        judged = self.present[:_JUDGED]
        if not judged or self.number_share > 0.5:
            return 0.0
        reader = MomentReader(dayfirst)
        read = sum(_reads(reader, text) for text in judged)
        return read / len(judged)

    @cached_property
    def dayfirst(self) -> bool:
        """Whether the day stands first: by what can be read, else by which reading is better sorted."""
        first, month = self.dates(True), self.dates(False)
        if first != month or not first:
            return first > month
        return _sortedness(self.present, True) > _sortedness(self.present, False)

    def share(self, pattern: re.Pattern) -> float:
        judged = self.present[:_JUDGED]
        return sum(pattern.fullmatch(text) is not None for text in judged) / max(len(judged), 1)

    @cached_property
    def personal_values(self) -> str | None:
        """What the values are when they are personal whatever the column's name."""
        if not self.present:
            return None
        if self.share(_EMAIL) > 0.5:
            return "e-mail addresses"
        judged = [text.replace(" ", "").replace("-", "") for text in self.present[:_JUDGED]]
        if sum(13 <= len(text) <= 19 and luhn(text) for text in judged) > 0.9 * len(judged):
            return "card numbers"
        return None

    @property
    def looks_like_phones(self) -> bool:
        return self.share(_PHONE) > 0.8


def _reads(reader: MomentReader, text: str) -> bool:
    try:
        reader.read(text)
    except ValueError:
        return False
    return True


def _sortedness(texts: list[str], dayfirst: bool) -> float:
    """Share of neighbours in order."""
    reader = MomentReader(dayfirst)
    moments = np.array([reader.read(text)[0] for text in texts[:_JUDGED] if _reads(reader, text)])
    return float((np.diff(moments) >= 0).mean()) if len(moments) > 1 else 0.0
