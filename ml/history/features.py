"""Every feature of a history, computed in chunks into one float32 matrix, as its plan says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ml.features import kernel
from ml.features.bulk import batches
from ml.features.columns import LABEL_TABLE
from ml.features.spec import BOUND, NULL, FeatureSet
from ml.history.extras import column_values
from ml.history.habits import EVERYTHING, OTHER, SUBJECT, habits, known_frauds, short_habits, value_habits
from ml.history.history import History
from ml.history.moment import moment
from ml.history.plan import Plan
from ml.history.subjects import COLUMN, ROLE_KEYS, Subject, joined_key, key_of

Progress = Callable[[str], None]
# computed on the way to others, or the same for every subject
INTERNAL = frozenset({"ln_amount", "usual_rate", "value", "mean", "sd"})
SCALE = 1000.0
FARTHEST = 1e6


def names_of(plan: Plan) -> tuple[str, ...]:
    """The names of the columns that `matrix` makes, in order."""
    made = [name for feature_set in _feature_sets(plan) for name in _shown(feature_set)]
    return (*made, *(f"{COLUMN}{name}" for name in plan.columns()))


def matrix(history: History, plan: Plan, progress: Progress = lambda message: None) -> np.ndarray:
    """float32 [n, K], NaN for missing; every row sees the events and known labels of its moment only.

    Raises ValueError when the history lacks a role or a column of the plan.
    """
    plan.check(history)
    names = names_of(plan)
    result = np.empty((len(history), len(names)), np.float32)
    at = 0
    for feature_set, events, facts, bound in _runs(history, plan):
        if not (shown := _shown(feature_set)):
            continue
        progress(f"features of {feature_set.name}: {len(shown)}")
        _fill(result[:, at : at + len(shown)], feature_set, events, facts, bound)
        at += len(shown)
    for column in column_values(history, plan):
        result[:, at] = np.where(np.isinf(column), np.nan, column)
        at += 1
    return result


def _shown(feature_set: FeatureSet) -> list[str]:
    return [name for name in feature_set.numbers if name not in INTERNAL]


def _fill(out: np.ndarray, feature_set: FeatureSet, events: dict, facts: dict | None, bound: int) -> None:
    wanted = np.array([n not in INTERNAL for n in feature_set.numbers], dtype=bool)
    for batch in batches(feature_set, events, facts, bound=bound):
        part = slice(batch.rows[0], batch.rows[-1] + 1)  # a history is in order of time
        columns = {name: column[part] for name, column in events.items()}
        values = kernel.evaluate(feature_set, batch.primitives, columns)
        out[part] = values[:, wanted]


def _feature_sets(plan: Plan) -> Iterator[FeatureSet]:
    yield moment(amount=plan.amount, time=plan.time, place=plan.place)
    for subject in plan.subjects:
        if subject.depth != "labels":
            yield _habits_of(plan, subject)
        if subject.labels:
            yield known_frauds(subject.name, totals=not subject.name.startswith(COLUMN))
    for name in plan.values:
        yield value_habits("entity", f"{COLUMN}{name}")


def _habits_of(plan: Plan, subject: Subject) -> FeatureSet:
    if subject.depth == "full":
        return habits(
            subject.name, amount=plan.amount, hour=plan.time, other=subject.other,
            place=plan.place and subject.name == "entity",
        )  # fmt: skip
    return short_habits(subject.name, amount=plan.amount, owner=subject.other)


def _runs(history: History, plan: Plan) -> Iterator[tuple[FeatureSet, dict, dict | None, int]]:
    """(feature set, events, facts, bound) in the order of `_feature_sets`."""
    base = _base(history)
    sets = _feature_sets(plan)
    yield next(sets), base, None, BOUND
    for subject in plan.subjects:
        key = joined_key(history, subject.keys)
        if subject.depth != "labels":
            events = base | {SUBJECT: key}
            if subject.other:
                events[OTHER] = key_of(history, subject.other)
            yield next(sets), events, None, BOUND
        if subject.labels:
            # rates need every label there is, however many events the subject has
            events = base | {SUBJECT: key, EVERYTHING: np.ones(len(history), np.int64)}
            yield next(sets), events, {LABEL_TABLE: _labels(history, key)}, len(history) + 2
    for name, (centre, scale) in plan.values.items():
        events = base | {
            SUBJECT: key_of(history, "entity"),
            "amount_minor": _whole(history.numeric[name], centre, scale),
        }
        yield next(sets), events, None, BOUND


def _base(history: History) -> dict[str, np.ndarray]:
    """Event columns without keys: these are put into their places subject by subject."""
    base = {n: c for n, c in history.events.items() if n not in (*ROLE_KEYS.values(), SUBJECT)}
    if "occurred_at" not in base:
        base["occurred_at"] = np.zeros(len(history), np.int64)
    return base


def _labels(history: History, key: np.ndarray) -> dict[str, np.ndarray]:
    """The labels of a subject as they became known."""
    known = known_after(history)
    rows = np.flatnonzero(history.y >= 0)
    rows = rows[np.argsort(known[rows], kind="stable")]
    return {
        "id": np.arange(1, len(rows) + 1, dtype=np.int64),
        "known_at": known[rows],
        "fraud_delta": np.asarray(history.y)[rows].astype(np.int64),
        SUBJECT: key[rows],
        EVERYTHING: np.ones(len(rows), np.int64),
    }


def known_after(history: History) -> np.ndarray:
    """When each label was known, int64 [n]: never at its own event's moment, or it would give itself away."""
    return np.maximum(np.asarray(history.known_at), np.asarray(history.times) + 1)


def _whole(values: np.ndarray, centre: float, scale: float) -> np.ndarray:
    """A number in thousandths of its spread, as integers; NULL for missing."""
    scaled = np.clip((values.astype(np.float64) - centre) / scale * SCALE, -FARTHEST, FARTHEST)
    return np.where(np.isnan(scaled), NULL, np.nan_to_num(scaled).round().astype(np.int64))
