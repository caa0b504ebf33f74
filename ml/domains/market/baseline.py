"""What a day of a symbol usually looks like, from its earlier daily bars."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

DAYS, RETURNS = 30, 20
PPM = 1_000_000


class Bar(NamedTuple):
    """A day of a symbol; prices in steps of 10**-8, volume in steps of 10**-6."""

    date: date
    close: int
    volume: int


class Baseline(NamedTuple):
    """Sums over the newest 30 bars, and over the 20 returns of the newest 21 in millionths."""

    count: int
    volume: int
    close: int | None
    returns: int
    returns_sum: int
    returns_squares: int


def baseline(bars: Sequence[Bar]) -> Baseline:
    """Of bars in falling order of date; days without trading have no bar, so 30 days are 30 bars."""
    newest = bars[:DAYS]
    pairs = pairwise(bars[: RETURNS + 1])
    returns = [round((later.close - earlier.close) * PPM / earlier.close) for later, earlier in pairs]
    return Baseline(
        len(newest),
        sum(bar.volume for bar in newest),
        newest[0].close if newest else None,
        len(returns),
        sum(returns),
        sum(each * each for each in returns),
    )
