"""The SQL executor against the reference and the bulk executor, over hostile histories."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ml.features.columns import EVENT_TABLE, LABEL_TABLE
from ml.features.sql import statement
from ml.tests.feature_database import ask, create_tables, drop_tables, empty_tables, insert
from ml.tests.feature_histories import build, histories
from ml.tests.feature_reference import reference
from ml.tests.feature_shapes import SHAPES

BOUNDS = (6, 500)


@pytest.fixture
def prepared(cursor):
    create_tables(cursor)
    cursor.execute("set plan_cache_mode = force_generic_plan")
    for bound in BOUNDS:
        cursor.execute(statement(SHAPES, bound).prepare(f"shapes_{bound}"))
    yield cursor
    for bound in BOUNDS:
        cursor.execute(f"deallocate shapes_{bound}")
    drop_tables(cursor)


def check(cursor, drawn, bound, in_order):
    """Ask for every event after all are stored: only what had arrived may count."""
    events, labels = build(drawn, in_order)
    empty_tables(cursor)
    insert(cursor, EVENT_TABLE, events)
    insert(cursor, LABEL_TABLE, labels)
    for event in events:
        found = ask(cursor, statement(SHAPES, bound), f"shapes_{bound}", event)
        wanted = reference(SHAPES, events, labels, event, bound)
        different = {n: (v, f) for (n, v), f in zip(wanted.items(), found, strict=True) if v != f}
        assert not different, (event["id"], different)


def run(cursor, examples):
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories, st.sampled_from(BOUNDS), st.booleans())
    def each(drawn, bound, in_order):
        check(cursor, drawn, bound, in_order)

    each()


def test_sql_equals_the_reference(prepared):
    run(prepared, examples=50)


@pytest.mark.long
def test_sql_equals_the_reference_over_many_histories(prepared):
    run(prepared, examples=400)
