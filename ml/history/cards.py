"""Card numbers, which no report and no page shows whole."""

from __future__ import annotations

import re

_RUN = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])")


def luhn(digits: str) -> bool:
    """Whether the check digit of a card number is right."""
    if not digits.isascii() or not digits.isdigit() or len(set(digits)) < 2:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def masked(text: str) -> str:
    """The text with every card number in it as its first six and last four digits.

    >>> masked("'4111 1111 1111 1111' is not a number")
    "'411111…1111' is not a number"
    """
    return _RUN.sub(_short, text)


def _short(found: re.Match) -> str:
    digits = re.sub(r"[ -]", "", found[0])
    return f"{digits[:6]}…{digits[-4:]}" if luhn(digits) else found[0]
