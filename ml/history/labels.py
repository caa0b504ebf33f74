"""From the values of a label column to fraud, legitimate and unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from ml.history.errors import HistoryRefused, MappingRefused
from ml.history.history import UNKNOWN
from ml.history.mapping import LabelMapping
from ml.history.numbers import MISSING, as_number

FRAUD_WORDS = frozenset(
    (
        *(
            "1",
            "true",
            "yes",
            "y",
            "t",
            "fraud",
            "frauds",
            "fraudulent",
            "fraudster",
            "is fraud",
            "scam",
            "ja",
            "si",
            "sí",
            "oui",
            "sim",
        ),
        *(
            "confirmed fraud",
            "bad",
            "default",
            "defaulted",
            "charged off",
            "chargeback",
            "positive",
            "attack",
        ),
        *("anomaly", "anomalous", "suspicious", "illicit", "malicious", "laundering", "money laundering"),
    )
)
LEGITIMATE_WORDS = frozenset(
    (
        *(
            "0",
            "false",
            "no",
            "n",
            "f",
            "legit",
            "legitimate",
            "genuine",
            "good",
            "normal",
            "ok",
            "valid",
            "nein",
            "non",
            "nao",
            "não",
        ),
        *("negative", "benign", "licit", "clean", "honest", "fully paid", "nonfraud", "non-fraud"),
        *("non fraud", "not fraud", "no fraud", "not a fraud", "non default"),
    )
)
MOST_VALUES = 1_000
_SHOWN = 12


def canonical(text: str) -> str:
    """The form in which values are compared: stripped, folded, 1.0 as 1.

    >>> canonical(" 1.0"), canonical("TRUE")
    ('1', 'true')
    """
    text = text.strip()
    if text.upper() in MISSING:
        return ""
    number = as_number(text) if text[:1].isdigit() or text[:1] in "+-." else None
    return f"{number:g}" if number is not None and not text.endswith("%") else text.casefold()


class LabelReader:
    """Reads label values; counts what it meets. `classes` says what each canonical value means."""

    def __init__(self, mapping: LabelMapping, missing: frozenset[str] = frozenset()):
        self.column = str(mapping.column)
        self.fraud = _forms(mapping.fraud)
        self.legitimate = _forms(mapping.legitimate)
        self.unknown = _forms(mapping.unknown) or frozenset()
        self.missing = missing
        self.counts: Counter[str] = Counter()
        self._known: dict[str, int] = {}

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """int8 [n]. HistoryRefused when the column has too many values to be a label."""
        found = Counter(texts)
        for text, count in found.items():
            if text not in self._known:
                self._known[text] = self._class(text)
                if len(self._known) > MOST_VALUES:
                    raise HistoryRefused(
                        f"label.column: '{self.column}' has more than {MOST_VALUES:,} different values; "
                        "it is not a label"
                    )
            self.counts[text.strip()] += count
        return np.fromiter(map(self._known.__getitem__, texts), np.int8, len(texts))

    def check(self) -> None:
        """After the last row: MappingRefused when there are values and none of them means anything."""
        valued = {text: n for text, n in self.counts.items() if not self._is_missing(text)}
        if not valued or any(self._class(text) != UNKNOWN for text in valued):
            return
        raise MappingRefused(
            "label",
            f"no value of '{self.column}' is a known label; found "
            f"{shown(valued)}. List them in label.fraud and label.legitimate",
        )

    def unknown_values(self) -> dict[str, int]:
        """Values that are unknown labels, the most frequent first; "" for missing ones."""
        folded: Counter[str] = Counter()
        for text, count in self.counts.items():
            if self._class(text) == UNKNOWN:
                folded["" if self._is_missing(text) else text] += count
        return dict(folded.most_common(20))

    def _is_missing(self, text: str) -> bool:
        return canonical(text) == "" or text.strip().upper() in self.missing

    def _class(self, text: str) -> int:
        form = canonical(text)
        fraud, legitimate = self.fraud, self.legitimate
        if fraud is None and legitimate is None:
            fraud, legitimate = FRAUD_WORDS, LEGITIMATE_WORDS
        if fraud is not None and form in fraud:
            return 1
        if legitimate is not None and form in legitimate:
            return 0
        if self._is_missing(text) or form in self.unknown:
            return UNKNOWN
        if fraud is None:
            return 1
        return 0 if legitimate is None else UNKNOWN


def means_nothing_by_itself(values: Iterable[str]) -> bool:
    """Whether these label values need a list: some of them are no usual word for either class."""
    forms = {form for value in values if (form := canonical(value))}
    return not (forms <= FRAUD_WORDS | LEGITIMATE_WORDS and forms & FRAUD_WORDS)


def shown(counts: Counter[str] | dict[str, int]) -> str:
    """'Y' (12), 'N' (3), ..."""
    common = Counter(counts).most_common(_SHOWN)
    more = ", ..." if len(counts) > _SHOWN else ""
    return ", ".join(f"'{text[:30]}' ({count:,})" for text, count in common) + more


def _forms(values: Sequence[str] | None) -> frozenset[str] | None:
    return frozenset(canonical(value) for value in values) if values else None
