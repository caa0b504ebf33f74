"""The bulk executor against the reference, over hostile histories."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ml.features.bulk import exact_primitives, primitives
from ml.features.columns import EVENT_COLUMNS, LABEL_COLUMNS
from ml.features.spec import NULL
from ml.tests.feature_histories import arrays, build, histories
from ml.tests.feature_reference import reference
from ml.tests.feature_shapes import SHAPES


def expected(events: list, labels: list, bound: int) -> np.ndarray:
    rows = [reference(SHAPES, events, labels, e, bound) for e in events]
    return np.array([[NULL if v is None else v for v in r.values()] for r in rows], np.int64)


def assert_equal(found: np.ndarray, wanted: np.ndarray, rows: np.ndarray) -> None:
    different = np.argwhere(found != wanted)
    named = [(int(rows[r]), SHAPES.primitives[c].name, found[r, c], wanted[r, c]) for r, c in different]
    assert not named, named[:5]


def run(examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories, st.sampled_from([6, 500]), st.booleans(), st.sampled_from([3, 1000]))
    def each(drawn, bound, in_order, chunk):
        events, labels = build(drawn, in_order)
        check(events, labels, bound, chunk, in_order)

    each()


def check(events: list, labels: list, bound: int, chunk: int, in_order: bool) -> None:
    wanted = expected(events, labels, bound)
    columns, label_columns = arrays(events, EVENT_COLUMNS), arrays(labels, LABEL_COLUMNS)
    found, dirty = primitives(SHAPES, columns, label_columns, bound=bound, chunk=chunk)
    clean, repaired = np.flatnonzero(~dirty), np.flatnonzero(dirty)
    assert_equal(found[clean], wanted[clean], clean)
    exact = exact_primitives(SHAPES, columns, label_columns, repaired, bound)
    assert_equal(exact, wanted[repaired], repaired)
    assert not (in_order and dirty.any())


def test_bulk_equals_the_reference():
    run(examples=60)


@pytest.mark.long
def test_bulk_equals_the_reference_over_many_histories():
    run(examples=500)
