"""Where card numbers stand in a text."""

import re
from collections.abc import Iterator

from logs.redacting.schemes import LONGEST, SHORTEST, scheme_of

# Digits of any script, alone or in groups; what writes them apart: spaces of any kind and dashes.
GAP = r"[\s\u200b\u2010-\u2015\u2212\-]"
RUN = re.compile(rf"\d(?:{GAP}{{0,2}}\d){{{SHORTEST - 1},}}")
GROUP = re.compile(r"\d+")
DOTTED = re.compile(r"(?<!\d)\d{4}([._/])\d{4}\1\d{4}\1\d{4}(?!\d)")
# What is no card however its digits look: what was masked already, a UUID, an account number.
MASKED = r"\d{6}\*{2,9}\d{4}:[a-p]{16}"
UUID = r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
KEPT = re.compile(f"{MASKED}|{UUID}")
Span = tuple[int, int]


def cards(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, digits) of every card number, from left to right, none within another."""
    runs = [run.span() for run in RUN.finditer(text)]
    if runs or DOTTED.search(text):
        kept = [match.span() for match in KEPT.finditer(text)] + _account_numbers(text)
        found = [hit for run in runs for hit in _in_run(text, *run)] + list(_dotted(text))
        end = 0
        for hit in sorted(found):
            if hit[0] >= end and not any(hit[0] < last and first < hit[1] for first, last in kept):
                yield hit
                end = hit[1]


def _in_run(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Cards are whole groups of digits: never a piece of a longer number."""
    groups = [match.span() for match in GROUP.finditer(text, start, end)]
    first = 0
    while first < len(groups):
        last = _longest(text, groups, first)
        if last is None:
            first += 1
        else:
            yield groups[first][0], groups[last][1], _digits(text, groups[first : last + 1])
            first = last + 1


def _longest(text: str, groups: list[Span], first: int) -> int | None:
    """The last group of the longest card that begins with the group `first`."""
    length, fitting = 0, None
    for last in range(first, len(groups)):
        length += groups[last][1] - groups[last][0]
        if length > LONGEST:
            break
        if length >= SHORTEST and scheme_of(_digits(text, groups[first : last + 1])):
            fitting = last
    return fitting


def _digits(text: str, groups: list[Span]) -> str:
    joined = "".join(text[start:end] for start, end in groups)
    return joined if joined.isascii() else "".join(str(int(digit)) for digit in joined)


def _dotted(text: str) -> Iterator[tuple[int, int, str]]:
    for match in DOTTED.finditer(text):
        digits = _digits(text, [found.span() for found in GROUP.finditer(text, *match.span())])
        if scheme_of(digits):
            yield *match.span(), digits


def _account_numbers(text: str) -> list[Span]:
    """Spans of IBANs: told from letters before a card by their own check digits (ISO 13616, mod 97)."""
    return [match.span() for match in IBAN.finditer(text) if _is_iban(match[0].replace(" ", ""))]


def _is_iban(text: str) -> bool:
    if not text.isascii() or not 15 <= len(text) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1
