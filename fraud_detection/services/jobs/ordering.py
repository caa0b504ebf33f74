"""The index of a file: its rows in order of time, on disk, made and read in bounded memory."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fraud_detection.services.jobs.scanning import FOUND

# `occurrence` numbers rows of the same content that have no id, from 1 in the order of the file; 0: has one.
INDEX = np.dtype([("offset", "<i8"), ("line", "<u4"), ("length", "<u4"), ("occurrence", "<u4")])
AT_ONCE = 2_000_000  # rows that are sorted in memory
BLOCK = 500_000


class Ordered(NamedTuple):
    """Rows of the index, and how many of them stood behind a later one in the file."""

    rows: int
    late: int


def build_index(found: Iterable[np.ndarray], target: Path) -> Ordered:
    """Write the index of scanned rows to `target`, whole or not at all. Rows of one time keep their order."""
    raw, numbers, part = (target.with_suffix(ending) for ending in (".found", ".numbers", ".part"))
    try:
        rows, late = _collect(found, raw)
        if rows:
            table = np.memmap(raw, FOUND, "r")
            occurrence = _occurrences(table, numbers)
            with part.open("wb") as file:
                for places in _in_time(table) if late else _as_it_stands(rows):
                    _write(table, occurrence, places, file)
            del table, occurrence
            part.replace(target)
        return Ordered(rows, late)
    finally:
        for left in (raw, numbers, part):
            left.unlink(missing_ok=True)


def _collect(found: Iterable[np.ndarray], raw: Path) -> tuple[int, int]:
    rows = late = 0
    latest = np.iinfo(np.int64).min
    with raw.open("wb") as file:
        for block in found:
            newest = np.maximum.accumulate(np.maximum(block["moment"], latest))
            late += int((block["moment"] < newest).sum())
            latest = newest[-1]
            rows += len(block)
            block.tofile(file)
    return rows, late


def _as_it_stands(rows: int) -> Iterator[np.ndarray]:
    for start in range(0, rows, BLOCK):
        yield np.arange(start, min(start + BLOCK, rows))


def _in_time(table: np.ndarray) -> Iterator[np.ndarray]:
    """Places in order of time, ties in the order of the file, at most AT_ONCE sorted together."""
    for low, high in _ranges(table["moment"]):
        if low == high:  # rows of one moment need no sorting, however many they are
            yield from _places(table["moment"], low, high)
            continue
        places = np.concatenate(list(_places(table["moment"], low, high)) or [np.arange(0)])
        yield places[np.argsort(table["moment"][places], kind="stable")]


def _ranges(moments: np.ndarray) -> Iterator[tuple[int, int]]:
    """Both ends included: ranges of moments that hold about AT_ONCE rows each, or one moment alone."""
    pieces = -(-len(moments) // AT_ONCE)
    if pieces == 1:
        yield int(moments.min()), int(moments.max())
        return
    sample = np.sort(moments[:: max(1, len(moments) // 1_000_000)])
    cuts = np.unique(sample[np.linspace(0, len(sample) - 1, 2 * pieces + 1).astype(int)])
    low = int(min(_extreme(moments, np.min), cuts[0]))
    highest = int(_extreme(moments, np.max))
    for cut in (int(cut) for cut in cuts):
        if low < cut:
            yield low, cut - 1
        if low <= cut:
            yield cut, cut
        low = cut + 1
    if low <= highest:
        yield low, highest


def _extreme(moments: np.ndarray, which) -> int:
    return which([which(moments[at : at + BLOCK]) for at in range(0, len(moments), BLOCK)])


def _places(moments: np.ndarray, low: int, high: int) -> Iterator[np.ndarray]:
    for start in range(0, len(moments), BLOCK):
        block = moments[start : start + BLOCK]
        inside = np.flatnonzero((block >= low) & (block <= high))
        if len(inside):
            yield inside + start


def _occurrences(table: np.ndarray, target: Path) -> np.ndarray:
    """How often each row's content stood in the file up to it; 0 for rows with an id. uint32 on disk."""
    numbers = np.memmap(target, np.uint32, "w+", shape=(len(table),))
    unnamed = sum(
        int(np.count_nonzero(table["digest"][at : at + BLOCK])) for at in range(0, len(table), BLOCK)
    )
    pieces = -(-unnamed // AT_ONCE)
    for piece in range(pieces):
        places = np.concatenate(list(_unnamed(table["digest"], piece, pieces)) or [np.arange(0)])
        digests = table["digest"][places]
        order = np.argsort(digests, kind="stable")
        ranked = digests[order]
        starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1])))
        lengths = np.diff(np.append(starts, len(ranked)))
        numbers[places[order]] = np.arange(len(ranked)) - np.repeat(starts, lengths) + 1
    return numbers


def _unnamed(digests: np.ndarray, piece: int, pieces: int) -> Iterator[np.ndarray]:
    for start in range(0, len(digests), BLOCK):
        block = digests[start : start + BLOCK]
        inside = np.flatnonzero((block != 0) & (block % np.uint64(pieces) == np.uint64(piece)))
        if len(inside):
            yield inside + start


def _write(table: np.ndarray, occurrence: np.ndarray, places: np.ndarray, file) -> None:
    for start in range(0, len(places), BLOCK):
        some = places[start : start + BLOCK]
        rows = np.empty(len(some), INDEX)
        for name in ("offset", "line", "length"):
            rows[name] = table[name][some]
        rows["occurrence"] = occurrence[some]
        rows.tofile(file)
