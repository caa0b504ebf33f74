"""The SQL executor against the reference and the bulk executor, over hostile histories."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ml.features.columns import EVENT_TABLE
from ml.features.sql import statement
from ml.tests.feature_database import ask, create_tables, drop_tables, empty_tables, insert
from ml.tests.feature_histories import build, histories
from ml.tests.feature_reference import reference
from ml.tests.feature_shapes import FEATURE_SETS

BOUNDS = (6, 500)


@pytest.fixture
def prepared(cursor, feature_set):
    create_tables(cursor)
    cursor.execute("set plan_cache_mode = force_generic_plan")
    for bound in BOUNDS:
        cursor.execute(statement(feature_set, bound).prepare(f"{feature_set.name}_{bound}"))
    yield cursor
    for bound in BOUNDS:
        cursor.execute(f"deallocate {feature_set.name}_{bound}")
    drop_tables(cursor)


def check(cursor, feature_set, drawn, bound, in_order):
    """Ask for every event after all are stored: only what had arrived may count."""
    tables = build(drawn, in_order)
    empty_tables(cursor)
    for table, rows in tables.items():
        insert(cursor, table, rows)
    for event in tables[EVENT_TABLE]:
        found = ask(cursor, statement(feature_set, bound), f"{feature_set.name}_{bound}", event)
        wanted = reference(feature_set, tables, event, bound)
        different = {n: (v, f) for (n, v), f in zip(wanted.items(), found, strict=True) if v != f}
        assert not different, (event["id"], different)


def run(cursor, feature_set, examples):
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories, st.sampled_from(BOUNDS), st.booleans())
    def each(drawn, bound, in_order):
        check(cursor, feature_set, drawn, bound, in_order)

    each()


@pytest.mark.parametrize("feature_set", FEATURE_SETS, ids=lambda f: f.name)
def test_sql_equals_the_reference(prepared, feature_set):
    run(prepared, feature_set, examples=50)


@pytest.mark.long
@pytest.mark.parametrize("feature_set", FEATURE_SETS, ids=lambda f: f.name)
def test_sql_equals_the_reference_over_many_histories(prepared, feature_set):
    run(prepared, feature_set, examples=400)
