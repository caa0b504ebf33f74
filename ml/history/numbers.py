"""Numbers as people write them: missing marks, currency signs, per cent, separators of thousands."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

# In capitals: what is compared is stripped and upper-cased.
MISSING = frozenset(
    {
        "",
        "?",
        "NA",
        "N/A",
        "#N/A",
        "NAN",
        "NULL",
        "NONE",
        "NIL",
        "MISSING",
        "-",
        "--",
        ".",
        "\\N",
        "<NA>",
        "NAT",
    }
)
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_THOUSANDS = {
    ".": re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?"),
    ",": re.compile(r"[+-]?\d{1,3}([.'  ]\d{3})+(,\d+)?"),
}
_SPACED = re.compile(r"[+-]?\d{1,3}([ '  ]\d{3})+([.,]\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")
_SIGNS = "$€£¥₹₽ "
_LETTERS = re.compile(r"(?:^(?:USD|EUR|GBP|INR|CHF|R\$|A\$|US\$)\s*)|(?:\s*(?:USD|EUR|GBP|INR|CHF|kr|zł)$)")
_TRUTH = {"TRUE": 1.0, "FALSE": 0.0, "YES": 1.0, "NO": 0.0, "T": 1.0, "F": 0.0, "Y": 1.0, "N": 0.0}


def is_missing(text: str, marks: frozenset[str] = MISSING) -> bool:
    return text.strip().upper() in marks


def as_number(text: str, decimal: str = ".") -> float | None:
    """A finite number, or None. Currency signs, per cent (of 1) and thousands are understood.

    >>> as_number("$1,234.50"), as_number("12%"), as_number("1.234,5", ","), as_number("(3)")
    (1234.5, 0.12, 1234.5, -3.0)
    """
    text = text.strip()
    if _PLAIN.fullmatch(text) and decimal == ".":
        return _finite(text)
    if text.startswith("(") and text.endswith(")"):  # accountants' minus
        text = "-" + text[1:-1].strip()
    share = text.endswith("%")
    text = _LETTERS.sub("", text.rstrip("%")).strip(_SIGNS)
    for sign in "+-":  # "-$5" and "$-5"
        if text.startswith(sign):
            text = sign + text[1:].strip(_SIGNS)
    text = _separated(text, decimal)
    if not _PLAIN.fullmatch(text):
        return None
    number = _finite(text)
    return number / 100 if share and number is not None else number


def _separated(text: str, decimal: str) -> str:
    if _THOUSANDS[decimal].fullmatch(text) or _SPACED.fullmatch(text):
        text = re.sub(r"[  ']", "", text)
        text = text.replace("," if decimal == "." else ".", "")
    if decimal == ",":
        return text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) or "," in text else text
    return text


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def numbers(
    texts: Sequence[str], decimal: str = ".", marks: frozenset[str] = MISSING, truth: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """(float64 [n], NaN where there is none; places whose text is neither a number nor missing).

    With `truth`, yes and no, true and false are 1 and 0.
    """
    found = _plain(texts) if decimal == "." else None
    if found is None:
        found = _one_by_one(texts, decimal, marks, truth)
    values, wrong = found
    if blank := [number for mark in marks - MISSING if (number := as_number(mark, decimal)) is not None]:
        values[np.isin(values, blank)] = np.nan
    return values, wrong


def _plain(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray] | None:
    """The fast way, for columns of nothing but plain numbers and empty cells; None for others."""
    if "_" in "".join(texts):  # float() reads 1_0 as 10
        return None
    try:
        values = np.fromiter(map(float, [text or "nan" for text in texts]), np.float64, len(texts))
    except ValueError:
        return None
    return None if np.isinf(values).any() else (values, np.empty(0, np.intp))


def _one_by_one(
    texts: Sequence[str], decimal: str, marks: frozenset[str], truth: bool
) -> tuple[np.ndarray, np.ndarray]:
    values, wrong = np.full(len(texts), np.nan), []
    for place, text in enumerate(texts):
        number = _read(text, decimal, marks, truth)
        if number is None:
            wrong.append(place)
        else:
            values[place] = number
    return values, np.array(wrong, np.intp)


def _read(text: str, decimal: str, marks: frozenset[str], truth: bool) -> float | None:
    """A number, NaN for missing, None for anything else."""
    if decimal == "." and "_" not in text:
        try:
            number = float(text)
        except ValueError:
            pass
        else:
            return None if math.isinf(number) else number
    folded = text.strip().upper()
    if folded in marks:
        return math.nan
    if truth and folded in _TRUTH:
        return _TRUTH[folded]
    return as_number(text, decimal)
