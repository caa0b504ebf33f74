"""The population stability index: how far a sample has moved from the one a model was trained on.

PSI = sum over bins of (actual - expected) * ln(actual / expected), shares of 1. The usual reading: below 0.1
stable, up to 0.25 moved, above it another population (Siddiqi, Credit Risk Scorecards, 2006).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.monitoring.bins import counted, is_binned

ENOUGH = 200  # rows below which chance alone moves the index by (bins - 1) / rows = 0.05
EMPTY_BIN = 0.5  # rows that an empty bin counts as: its logarithm would be infinite
OK, TOO_FEW, NO_REFERENCE = "ok", "too few", "no reference"


@dataclass(frozen=True)
class Drift:
    """`psi` is None unless `status` is "ok". Shares by bin are 0-1, the last one is of missing values."""

    status: str
    n: int
    psi: float | None = None
    expected: tuple[float, ...] = ()
    actual: tuple[float, ...] = ()


def drift(reference: Mapping[str, Any] | None, values: np.ndarray) -> Drift:
    """Compare values (NaN: missing) with the bins of a training sample."""
    n = len(values)
    if not is_binned(reference):
        return Drift(NO_REFERENCE, n)
    if n < ENOUGH:
        return Drift(TOO_FEW, n)
    expected = np.asarray(reference["counts"], dtype=np.float64)
    actual = counted(np.asarray(reference["edges"]), values).astype(np.float64)
    return Drift(OK, n, psi(expected, actual), _shares(expected), _shares(actual))


def psi(expected: np.ndarray, actual: np.ndarray) -> float:
    """The index of two counts by bin; a bin empty on one side counts as EMPTY_BIN rows there."""
    used = (expected > 0) | (actual > 0)
    e = np.maximum(expected[used], EMPTY_BIN) / expected.sum()
    a = np.maximum(actual[used], EMPTY_BIN) / actual.sum()
    return float(((a - e) * np.log(a / e)).sum())


def _shares(counts: np.ndarray) -> tuple[float, ...]:
    return tuple(np.round(counts / counts.sum(), 6).tolist())
