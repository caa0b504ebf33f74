"""The bulk executor against the reference, over hostile histories."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ml.features.bulk import exact_primitives, primitives
from ml.features.columns import EVENT_TABLE, TABLES
from ml.features.spec import NULL, FeatureSet
from ml.tests.feature_histories import arrays, build, histories
from ml.tests.feature_reference import reference
from ml.tests.feature_shapes import FEATURE_SETS


def expected(feature_set: FeatureSet, tables: dict, bound: int) -> np.ndarray:
    rows = [reference(feature_set, tables, e, bound) for e in tables[EVENT_TABLE]]
    return np.array([[NULL if v is None else v for v in r.values()] for r in rows], np.int64)


def assert_equal(feature_set: FeatureSet, found: np.ndarray, wanted: np.ndarray, rows: np.ndarray) -> None:
    different = np.argwhere(found != wanted)
    names = [p.name for p in feature_set.primitives]
    named = [(int(rows[r]), names[c], found[r, c], wanted[r, c]) for r, c in different]
    assert not named, named[:5]


def run(feature_set: FeatureSet, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories, st.sampled_from([6, 500]), st.booleans(), st.sampled_from([3, 1000]))
    def each(drawn, bound, in_order, chunk):
        check(feature_set, build(drawn, in_order), bound, chunk, in_order)

    each()


def check(feature_set: FeatureSet, tables: dict, bound: int, chunk: int, in_order: bool) -> None:
    wanted = expected(feature_set, tables, bound)
    columns = {table: arrays(rows, TABLES[table]) for table, rows in tables.items()}
    events = columns.pop(EVENT_TABLE)
    found, dirty = primitives(feature_set, events, columns, bound=bound, chunk=chunk)
    clean, repaired = np.flatnonzero(~dirty), np.flatnonzero(dirty)
    assert_equal(feature_set, found[clean], wanted[clean], clean)
    exact = exact_primitives(feature_set, events, columns, repaired, bound)
    assert_equal(feature_set, exact, wanted[repaired], repaired)
    assert not (in_order and dirty.any())


@pytest.mark.parametrize("feature_set", FEATURE_SETS, ids=lambda f: f.name)
def test_bulk_equals_the_reference(feature_set):
    run(feature_set, examples=50)


@pytest.mark.long
@pytest.mark.parametrize("feature_set", FEATURE_SETS, ids=lambda f: f.name)
def test_bulk_equals_the_reference_over_many_histories(feature_set):
    run(feature_set, examples=500)
