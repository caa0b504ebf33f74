"""What was predicted against what became known: calibration by score decile, shares with their intervals."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np

Z95 = 1.959963984540054
PARTS = 10
FEWEST_EXPECTED = 5  # frauds predicted or seen, below which a ratio says more about chance than about a model


@dataclass(frozen=True)
class Share:
    """`hits` of `n`: value, low and high 0-1; without rows there is no value."""

    hits: int
    n: int
    value: float | None
    low: float
    high: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def share(hits: int, n: int) -> Share:
    """A share with its 95% Wilson interval (Wilson, 1927)."""
    if n == 0:
        return Share(0, 0, None, 0.0, 1.0)
    p, z2 = hits / n, Z95**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * sqrt(p * (1 - p) / n + z2 / (4 * n**2)) / (1 + z2 / n)
    return Share(hits, n, round(p, 6), round(max(middle - half, 0.0), 6), round(min(middle + half, 1.0), 6))


def calibration(probability: np.ndarray, fraud: np.ndarray) -> dict[str, Any]:
    """Predicted and observed over all rows and by score decile.

    probability  float [n], no NaN      fraud  bool [n]
    Gives n, predicted, observed (a Share), ratio with ratio_low and ratio_high (observed / predicted; None
    below FEWEST_EXPECTED), and deciles.
    """
    observed = share(int(fraud.sum()), len(fraud))
    predicted = float(probability.mean()) if len(fraud) else None
    ratios = dict.fromkeys(("ratio", "ratio_low", "ratio_high"))
    if predicted and max(probability.sum(), observed.hits) >= FEWEST_EXPECTED:
        values = (observed.value, observed.low, observed.high)
        ratios = {name: round(value / predicted, 4) for name, value in zip(ratios, values, strict=True)}
    return {
        "n": len(fraud),
        "predicted": None if predicted is None else round(predicted, 6),
        "observed": observed.as_json(),
        **ratios,
        "deciles": deciles(probability, fraud),
    }


def deciles(probability: np.ndarray, fraud: np.ndarray) -> list[dict[str, Any]]:
    """Rows in ten parts of one size by score, equal scores together: so there may be fewer than ten."""
    if not len(probability):
        return []
    cuts = np.quantile(probability, np.arange(1, PARTS) / PARTS, method="inverted_cdf")
    places = np.searchsorted(np.unique(cuts), probability, side="left")
    return [
        _decile(probability[rows], fraud[rows]) for rows in (places == part for part in np.unique(places))
    ]


def _decile(probability: np.ndarray, fraud: np.ndarray) -> dict[str, Any]:
    return {
        "from": round(float(probability.min()), 6),
        "until": round(float(probability.max()), 6),
        "predicted": round(float(probability.mean()), 6),
        "observed": share(int(fraud.sum()), len(fraud)).as_json(),
    }
