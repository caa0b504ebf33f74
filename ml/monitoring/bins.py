"""Bins of a sample by its deciles, stored with a model so that later samples can be compared with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

PARTS = 10
MOST_ROWS = 200_000  # more are thinned out evenly: a share is then exact to a thousandth


def binned(values: np.ndarray) -> dict[str, Any]:
    """{"edges", "counts"}: how many values lie up to each edge, above the last, and are missing.

    Edges are deciles (nearest rank). A value that holds several deciles, say the 0 of a count, gets a
    bin of its own, so a change of its share is seen; a constant is one value with nothing around it.
    Values are compared in single precision, in which some histories are kept.
    """
    single = _single(values[:: -(-len(values) // MOST_ROWS) or 1])
    present = np.sort(single[~np.isnan(single)])
    if not len(present):
        return {"edges": [], "counts": [0, len(single)]}
    ranks = -(-np.arange(1, PARTS) * len(present) // PARTS) - 1
    values_at, repeats = np.unique(present[ranks], return_counts=True)
    below = np.nextafter(values_at[repeats > 1], np.float32(-np.inf))
    edges = np.union1d(values_at, below)
    up_to = np.searchsorted(present, edges, side="right")
    counts = np.diff(up_to, prepend=0, append=len(present)).tolist()
    return {"edges": edges.tolist(), "counts": [*counts, len(single) - len(present)]}


def counted(edges: np.ndarray, values: np.ndarray) -> np.ndarray:
    """int64 [len(edges) + 2]: values up to each edge, above the last, missing."""
    single = _single(values)
    missing = np.isnan(single)
    places = np.searchsorted(np.asarray(edges, dtype=np.float32), single[~missing], side="left")
    return np.append(np.bincount(places, minlength=len(edges) + 1), missing.sum())


def is_binned(reference: Mapping[str, Any] | None) -> bool:
    """True for something that `binned` made of at least one row."""
    return (
        bool(reference)
        and len(reference["counts"]) == len(reference["edges"]) + 2
        and any(reference["counts"])
    )


def _single(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):  # beyond single precision is infinite: the outermost bin
        return np.asarray(values, dtype=np.float64).astype(np.float32)
