"""Which rows of a history fit, choose and measure: by time wherever there is time, else out of fold."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold

from ml.history.history import History
from ml.modeling.errors import TrainingRefused
from ml.modeling.windows import Windows

LEAST = 15  # of each class, to learn from
LEAST_CHECKED = 5
TEST_SHARE = 0.2
VALIDATION_SHARES = (0.25, 0.35, 0.5)
FOLDS = 5
CROSS_VALIDATED = 20_000  # without time, up to so many rows are measured out of fold

Fold = tuple[np.ndarray, np.ndarray]  # row numbers to fit on, and to check on


@dataclass(frozen=True)
class Parts:
    """kind: time, cross-validation or random. folds choose the candidate, `learn` fits it, `test` measures.

    With cross-validation `test` is empty: figures are those of the folds' checked rows.
    """

    kind: str
    folds: tuple[Fold, ...]
    learn: np.ndarray
    test: np.ndarray
    bounds: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def warned(self, text: str) -> Parts:
        return replace(self, warnings=(*self.warnings, text))


def parts_of(history: History, windows: Windows, seed: int) -> Parts:
    """Raises TrainingRefused when a window or the labels do not suffice; the message says what is missing."""
    y = np.asarray(history.y)
    _check_labels(y)
    if history.times is not None and (windows.given or _can_be_parted(np.asarray(history.times)[y >= 0])):
        return _by_time(history, y, windows, seed)
    if windows.given:
        raise TrainingRefused(f"history {history.name} has no time: windows cannot be applied to it")
    why = "the history has no time" if history.times is None else "nearly all events have the same time"
    return _without_time(y, seed, why)


def _can_be_parted(times: np.ndarray) -> bool:
    return bool(times[0] < times[int(len(times) * (1 - TEST_SHARE))])


def _check_labels(y: np.ndarray) -> None:
    if len(y) and not (y >= 0).any():
        raise TrainingRefused("every label is unknown; map the label's values to fraud and legitimate")
    _enough(y[y >= 0], "the history holds")


def _enough(y: np.ndarray, where: str) -> None:
    for label, name in ((1, "fraud"), (0, "legitimate")):
        count = int((y == label).sum())
        if count < LEAST:
            raise TrainingRefused(
                f"{where} {count} rows labelled {name}; at least {LEAST} are needed to learn"
            )


def _has_both(y: np.ndarray, least: int) -> bool:
    return min(int((y == 1).sum()), int((y == 0).sum())) >= least


def _without_time(y: np.ndarray, seed: int, why: str) -> Parts:
    rows = np.flatnonzero(y >= 0)
    said = f"{why}: the split is random, and figures may be better than the future will be"
    if len(rows) <= CROSS_VALIDATED:
        folds = _stratified(rows, y, FOLDS, seed)
        return Parts("cross-validation", folds, rows, rows[:0], {"folds": FOLDS}, (said,))
    learn, test = _stratified(rows, y, FOLDS, seed)[0]
    fold = _stratified(learn, y, 4, seed + 1)[0]
    return Parts("random", (fold,), learn, test, {}, (said,))


def _stratified(rows: np.ndarray, y: np.ndarray, folds: int, seed: int) -> tuple[Fold, ...]:
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    return tuple((rows[fit], rows[check]) for fit, check in splitter.split(rows, y[rows]))


def _by_time(history: History, y: np.ndarray, windows: Windows, seed: int) -> Parts:
    times = np.asarray(history.times)
    bounds = _bounds(times, y, windows)
    train_from, train_until, test_from, test_until = bounds
    inside = (times >= train_from) & (times < train_until) & (y >= 0)
    known, warnings = np.asarray(history.known_at), ()
    if not _has_both(y[inside & (known <= train_until)], LEAST):
        where = f"the training window ({_iso(train_from)} until {_iso(train_until)}) holds"
        _enough(y[inside], where)
        known = times
        warnings = (
            f"{where} too few labels that were known at its end ({history.label_delay / 86_400e6:g} days' "
            "delay): the delay was left out of the split, so figures are better than live ones would be",
        )
    learn = np.flatnonzero(inside & (known <= train_until))
    test = np.flatnonzero((times >= test_from) & (times < test_until) & (y >= 0))
    folds, validation = _validation(times, y, known, learn, seed)
    told = {"train_from": _iso(train_from), "train_until": _iso(train_until), **validation}
    told |= {"test_from": _iso(test_from), "test_until": _iso(test_until)}
    parts = Parts("time", folds, learn, test, told, warnings)
    if not _has_both(y[test], 1):
        said = "the test window lacks a class: figures are those of the validation rows, that chose the model"
        parts = replace(parts, test=test[:0]).warned(said)
    if "folds" in validation:
        said = "the training window is too short to validate by time: candidates were compared at random"
        parts = parts.warned(said)
    return parts


def _bounds(times: np.ndarray, y: np.ndarray, windows: Windows) -> tuple[int, int, int, int]:
    first, end = int(times[0]), int(times[-1]) + 1
    labelled = times[y >= 0]
    parted = int(labelled[int(len(labelled) * (1 - TEST_SHARE))])
    test_from = windows.test_from
    if test_from is None:
        test_from = windows.train_until if windows.train_until is not None else parted
    train_until = windows.train_until if windows.train_until is not None else min(test_from, end)
    train_from = windows.train_from if windows.train_from is not None else first
    test_until = windows.test_until if windows.test_until is not None else max(end, test_from)
    if train_from >= train_until:
        raise TrainingRefused(f"the training window is empty: {_iso(train_from)} until {_iso(train_until)}")
    if test_from < train_until:
        raise TrainingRefused(
            f"the test window begins {_iso(test_from)}, before training ends ({_iso(train_until)}): "
            "a model must not be measured on what it learnt"
        )
    if test_until < test_from:
        raise TrainingRefused(f"the test window is empty: {_iso(test_from)} until {_iso(test_until)}")
    return train_from, train_until, test_from, test_until


def _validation(
    times: np.ndarray, y: np.ndarray, known: np.ndarray, learn: np.ndarray, seed: int
) -> tuple[tuple[Fold, ...], dict[str, Any]]:
    """The newest rows check the others, with the label delay between; folds at random as the last resort."""
    for delayed in (True, False):
        for share in VALIDATION_SHARES:
            start = times[learn[int(len(learn) * (1 - share))]]
            fit = learn[(times[learn] < start) & (known[learn] <= start if delayed else True)]
            check = learn[times[learn] >= start]
            if _has_both(y[fit], LEAST_CHECKED) and _has_both(y[check], LEAST_CHECKED):
                return ((fit, check),), {"validation_from": _iso(start)}
    return _stratified(learn, y, 3, seed), {"folds": 3}


def _iso(microseconds: int) -> str:
    return datetime.fromtimestamp(int(microseconds) / 1e6, UTC).isoformat()
