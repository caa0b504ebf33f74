"""All float arithmetic of a feature set: the same code for one event and for a million.

Features are grouped by (depth, operation): one group is one numpy call on [k, n] arrays.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby

import numpy as np
from numpy import ndarray

from ml.features.keys import country_text
from ml.features.operations import OPERATIONS, Operation
from ml.features.spec import NULL, Feature, FeatureSet

_ROWS_AT_ONCE = 512  # keeps the values of one pass in the processor's cache


class _Group:
    """Features of one operation whose operands are all computed before it."""

    def __init__(self, operation: Operation, features: list[Feature], slots: dict[str, int]):
        self.function = operation.function
        operands = np.array([[slots[o] for o in f.operands] for f in features], np.intp)
        parameters = np.array([f.parameters for f in features], np.float64)
        self.operands = [_rows(slots) for slots in operands.T.copy()]
        self.parameters = list(parameters.T[:, :, None])
        first = slots[features[0].name]
        self.results = slice(first, first + len(features))

    def run(self, values: ndarray) -> None:
        operands = [values[rows] for rows in self.operands]
        values[self.results] = self.function(*operands, *self.parameters)


def _rows(slots: ndarray) -> slice | ndarray:
    """A slice where possible: a view costs less than a copy, most of all for one event."""
    if (np.diff(slots) == 1).all():
        return slice(int(slots[0]), int(slots[-1]) + 1)
    return slots


class Kernel:
    """A feature set compiled to index arrays; get it from `kernel(feature_set)`."""

    def __init__(self, feature_set: FeatureSet):
        self.primitives = len(feature_set.primitives)
        self.measures = tuple(m.name for m in feature_set.measures)
        self.columns = _event_columns(feature_set)
        slots = [p.name for p in feature_set.primitives] + [f"event.{c}" for c in self.columns]
        slots += self.measures
        groups = _grouped(feature_set)
        slots += [f.name for group in groups for f in group]
        position = {name: i for i, name in enumerate(slots)}
        self.size = len(slots)
        self.groups = [_Group(OPERATIONS[group[0].op], group, position) for group in groups]
        self.order = np.array([position[name] for name in feature_set.numbers], dtype=np.intp)

    def run(self, integers: ndarray) -> ndarray:
        """Take int64 [P + columns + measures, n], return float64 [K, n]."""
        values = np.empty((self.size, integers.shape[1]))
        inputs = values[: len(integers)]
        inputs[...] = integers
        inputs[integers == NULL] = np.nan
        for group in self.groups:
            group.run(values)
        return values.take(self.order, axis=0)


def evaluate(
    feature_set: FeatureSet,
    primitives: ndarray,
    columns: Mapping[str, ndarray],
    out: ndarray | None = None,
) -> ndarray:
    """Return the features, float64 [n, len(feature_set.numbers)], missing being NaN.

    primitives  int64 [n, P], NULL for missing, in the order of feature_set.primitives
    columns     event columns and measures, int64 [n], times in microseconds; absent ones are missing
    out         where to write them, instead of a new array
    """
    compiled = kernel(feature_set)
    count = len(primitives)
    result = np.empty((count, len(compiled.order))) if out is None else out
    for start in range(0, count, _ROWS_AT_ONCE):
        stop = min(start + _ROWS_AT_ONCE, count)
        given = (*compiled.columns, *compiled.measures)
        integers = np.empty((compiled.primitives + len(given), stop - start), np.int64)
        integers[: compiled.primitives] = primitives[start:stop].T
        for row, column in enumerate(given, compiled.primitives):
            integers[row] = columns[column][start:stop] if column in columns else NULL
        result[start:stop] = compiled.run(integers).T
    return result


def evaluate_one(
    feature_set: FeatureSet, primitives: Sequence[int | None], event: Mapping[str, int | None]
) -> ndarray:
    """Return the features of one event, float64 [K]; None is missing, times are microseconds.

    `event` holds its columns and its measures.
    """
    compiled = kernel(feature_set)
    integers = [NULL if v is None else v for v in primitives]
    for column in (*compiled.columns, *compiled.measures):
        value = event.get(column)
        integers.append(NULL if value is None else value)
    return compiled.run(np.array(integers, np.int64)[:, None])[:, 0]


def texts(feature_set: FeatureSet, event: Mapping[str, int | None]) -> dict[str, str | None]:
    """Return the text features of one event, given its integer columns."""
    return {f.name: _text(f, event.get(f.operands[0][6:])) for f in _text_features(feature_set)}


def text_columns(feature_set: FeatureSet, columns: Mapping[str, ndarray]) -> dict[str, ndarray]:
    """Return the text features of many events: name -> object array [n] of str or None."""
    result = {}
    for feature in _text_features(feature_set):
        codes, positions = np.unique(columns[feature.operands[0][6:]], return_inverse=True)
        words = [_text(feature, None if code == NULL else int(code)) for code in codes]
        result[feature.name] = np.array(words, dtype=object)[positions]
    return result


@lru_cache(maxsize=32)
def kernel(feature_set: FeatureSet) -> Kernel:
    return Kernel(feature_set)


@lru_cache(maxsize=32)
def _text_features(feature_set: FeatureSet) -> tuple[Feature, ...]:
    return tuple(f for f in feature_set.features if f.kind == "text")


def _text(feature: Feature, code: int | None) -> str | None:
    if code is None:
        return None
    return country_text(code) if feature.op == "country" else dict(feature.choices)[code]


def _event_columns(feature_set: FeatureSet) -> tuple[str, ...]:
    operands = [o for f in feature_set.features if f.kind != "text" for o in f.operands]
    return tuple(dict.fromkeys(o.removeprefix("event.") for o in operands if o.startswith("event.")))


def _grouped(feature_set: FeatureSet) -> list[list[Feature]]:
    depths: dict[str, int] = {}
    for feature in feature_set.features:
        if feature.kind != "text":
            depths[feature.name] = 1 + max((depths.get(o, 0) for o in feature.operands), default=0)

    def group(feature: Feature) -> tuple:
        any_number = OPERATIONS[feature.op].parameters is None
        return depths[feature.name], feature.op, feature.parameters if any_number else ()

    features = sorted((f for f in feature_set.features if f.kind != "text"), key=group)
    return [list(members) for _, members in groupby(features, key=group)]
