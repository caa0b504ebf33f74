"""Card schemes by prefix and length.

Source: the schemes' published issuer ranges as collected in ISO/IEC 7812 registers and on
https://en.wikipedia.org/wiki/Payment_card_number (issuer identification numbers), read in January 2026.
Lengths that a scheme no longer issues (Visa with 13, JCB with 15 digits) are kept: old files hold them.
"""

from typing import NamedTuple

LONG = frozenset(range(16, 20))
MAESTRO = frozenset(range(12, 20))


class Scheme(NamedTuple):
    """Prefixes from `first` to `last`, both of the same number of digits."""

    name: str
    first: int
    last: int
    lengths: frozenset[int]


SCHEMES = (
    Scheme("Visa", 4, 4, frozenset({13, 16, 19})),
    Scheme("Mastercard", 51, 55, frozenset({16})),
    Scheme("Mastercard", 2221, 2720, frozenset({16})),
    Scheme("American Express", 34, 34, frozenset({15})),
    Scheme("American Express", 37, 37, frozenset({15})),
    Scheme("Discover", 6011, 6011, LONG),
    Scheme("Discover", 644, 649, LONG),
    Scheme("Discover", 65, 65, LONG),
    Scheme("JCB", 3528, 3589, LONG),
    Scheme("JCB", 1800, 1800, frozenset({15})),
    Scheme("JCB", 2131, 2131, frozenset({15})),
    Scheme("Diners Club", 300, 305, LONG | {14}),
    Scheme("Diners Club", 3095, 3095, LONG | {14}),
    Scheme("Diners Club", 36, 36, frozenset(range(14, 20))),
    Scheme("Diners Club", 38, 39, LONG | {14}),
    Scheme("UnionPay", 62, 62, LONG),
    Scheme("UnionPay", 81, 81, LONG),
    Scheme("Maestro", 5018, 5018, MAESTRO),
    Scheme("Maestro", 5020, 5020, MAESTRO),
    Scheme("Maestro", 5038, 5038, MAESTRO),
    Scheme("Maestro", 5893, 5893, MAESTRO),
    Scheme("Maestro", 6304, 6304, MAESTRO),
    Scheme("Maestro", 6759, 6759, MAESTRO),
    Scheme("Maestro", 6761, 6763, MAESTRO),
)
SHORTEST, LONGEST = 12, 19
DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def scheme_of(digits: str) -> str | None:
    """The scheme whose card this is by prefix, length and check digit; None for any other number."""
    if not luhn_valid(digits):
        return None
    for scheme in SCHEMES:
        prefix = int(digits[: len(str(scheme.first))])
        if len(digits) in scheme.lengths and scheme.first <= prefix <= scheme.last:
            return scheme.name
    return None


def luhn_valid(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1)."""
    even = sum(DOUBLED[int(digit)] for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + even) % 10 == 0
