"""Split of labelled rows into training, validation and test, by time wherever there is time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.modeling.errors import TrainingRefused

DAY = 86_400_000_000
LEAST_PER_CLASS = 5
VALIDATION_SHARE = 0.2
TEST_SHARE = 0.2


@dataclass(frozen=True)
class Split:
    """Row numbers of each part; kind is "time" or "random"; starts are microseconds, None when random."""

    kind: str
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    validation_start: int | None = None
    test_start: int | None = None


def split(y: np.ndarray, times: np.ndarray | None, known_at: np.ndarray | None, seed: int) -> Split:
    """Split by time; a part learns only from labels known when the next part begins.

    times, known_at: int64 [n] microseconds since epoch, or None. Falls back to a random split when there is
    no time, or when the period is too short for the label delay. Raises TrainingRefused when a part would
    lack one of the classes.
    """
    _check_classes(y)
    if times is not None:
        timed = _by_time(times, times if known_at is None else known_at)
        if all(_has_both(y[part]) for part in (timed.train, timed.validation, timed.test)):
            return timed
    shuffled = _at_random(y, seed)
    for name in ("train", "validation", "test"):
        if not _has_both(y[getattr(shuffled, name)]):
            raise TrainingRefused(f"the {name} part would hold too few of one class; more labels are needed")
    return shuffled


def _check_classes(y: np.ndarray) -> None:
    for label, name in ((1, "fraud"), (0, "legitimate")):
        count = int((y == label).sum())
        if count < 3 * LEAST_PER_CLASS:
            raise TrainingRefused(
                f"{count} rows are labelled {name}; at least {3 * LEAST_PER_CLASS} are needed"
            )


def _has_both(y: np.ndarray) -> bool:
    return int((y == 1).sum()) >= LEAST_PER_CLASS and int((y == 0).sum()) >= LEAST_PER_CLASS


def _by_time(times: np.ndarray, known_at: np.ndarray) -> Split:
    """Equal times are never parted: a boundary is a time, not a row."""
    ordered = np.sort(times)
    validation_start = ordered[int(len(ordered) * (1 - TEST_SHARE - VALIDATION_SHARE))]
    test_start = ordered[int(len(ordered) * (1 - TEST_SHARE))]
    between = (times >= validation_start) & (times < test_start)
    return Split(
        "time",
        train=np.flatnonzero((times < validation_start) & (known_at <= validation_start)),
        validation=np.flatnonzero(between & (known_at <= test_start)),
        test=np.flatnonzero(times >= test_start),
        validation_start=int(validation_start),
        test_start=int(test_start),
    )


def _at_random(y: np.ndarray, seed: int) -> Split:
    """Shares of each class, so that rare frauds fall into every part."""
    rng = np.random.default_rng(seed)
    part = np.empty(len(y), dtype=np.int8)
    for label in (0, 1):
        rows = rng.permutation(np.flatnonzero(y == label))
        place = np.arange(len(rows)) / max(len(rows), 1)
        part[rows] = (place >= 1 - TEST_SHARE - VALIDATION_SHARE).astype(np.int8) + (place >= 1 - TEST_SHARE)
    return Split("random", *(np.flatnonzero(part == number) for number in range(3)))
