"""Shares of what was found right, with their uncertainty."""

from dataclasses import dataclass
from math import sqrt

ENOUGH = 20  # verdicts below which a share says more about chance than about a rule
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Share:
    """`hits` of `n`, in per cent with a 95% Wilson interval."""

    hits: int
    n: int
    value: float
    low: float
    high: float

    @property
    def enough(self) -> bool:
        return self.n >= ENOUGH


def share(hits: int, n: int) -> Share:
    """0 of 0 is a share of 0 with the widest interval."""
    if n == 0:
        return Share(0, 0, 0.0, 0.0, 100.0)
    p = hits / n
    middle = (p + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 * sqrt(p * (1 - p) / n + Z95**2 / (4 * n**2)) / (1 + Z95**2 / n)
    return Share(hits, n, 100 * p, 100 * max(middle - half, 0), 100 * min(middle + half, 1))
