"""What people define: read strictly, and computed by every executor to the same integer."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ml.definitions import DefinitionRefused, EventField, extended, read_definition, read_fields, worded
from ml.definitions.event_fields import columns_of
from ml.definitions.reading import AGGREGATES
from ml.definitions.vocabulary import ENTITIES, columns_of_table
from ml.domains.fields import RecordRefused
from ml.domains.payments.features import PAYMENTS
from ml.domains.readers import Context
from ml.features.bulk import exact_primitives, primitives
from ml.features.columns import EVENT_TABLE, TABLES
from ml.features.kernel import evaluate, evaluate_one
from ml.features.spec import NULL, FeatureSet
from ml.features.sql import statement
from ml.tests.feature_database import ask, create_tables, drop_tables, empty_tables, insert
from ml.tests.feature_histories import arrays, build, event
from ml.tests.feature_reference import reference

FIELDS = (EventField("basket", "number", "items"), EventField("promo", "text"), EventField("gift", "bool"))
COLUMNS = columns_of_table(EVENT_TABLE, FIELDS)
COUNT = {"entity": "sender", "aggregate": "count", "window": "24h"}
VALUES = {
    "money": st.sampled_from([2, 2.01, 123.45, 8000]),
    "number": st.sampled_from([3, 12]),
    "flag": st.booleans(),
    "country": st.sampled_from(["DE", "US"]),
    "text": st.sampled_from(["SPRING", "ÄÖ"]),
    "key": st.sampled_from(["a", "b"]),
}
sent = st.fixed_dictionaries(
    {
        "basket": st.sampled_from([None, 3, 2.5, 0.0000005, -1, "three", True, 1e30, 10**12]),
        "promo": st.sampled_from([None, "SPRING", "ÄÖ", 4]),
        "gift": st.sampled_from([None, True, False, "yes"]),
    }
)
histories = st.lists(st.tuples(event, sent), min_size=1, max_size=14)


@st.composite
def conditions(draw):
    column = COLUMNS[draw(st.sampled_from([n for n, c in COLUMNS.items() if c.kind != "day"]))]
    value = st.sampled_from(column.choices) if column.kind == "choice" else VALUES[column.kind]
    ordered = column.kind in ("money", "number")
    how = draw(
        st.sampled_from(["==", "<", ">="] if ordered else ["=="] if column.kind == "flag" else ["!=", "in"])
    )
    given = draw(value) if how != "in" else draw(st.lists(value, min_size=1, max_size=3))
    return {"column": column.name, "is": how, "value": given}


@st.composite
def specs(draw):
    """Any definition that can be written."""
    aggregate = draw(st.sampled_from(sorted(AGGREGATES)))
    window, until = draw(
        st.sampled_from([("30m", None), ("24h", None), ("30d", None), ("30d", "1h"), ("7d", "24h")])
    )
    spec = {
        "entity": draw(st.sampled_from(sorted(ENTITIES[EVENT_TABLE]))),
        "aggregate": aggregate,
        "window": window,
    }
    spec |= {"until": until} if until else {}
    if not until and aggregate != "since_last":
        spec["include_current"] = draw(st.booleans())
    if kinds := AGGREGATES[aggregate]:
        spec["column"] = draw(st.sampled_from([n for n, c in COLUMNS.items() if c.kind in kinds]))
    least = 1 if aggregate == "share" else 0
    spec["filter"] = draw(st.lists(conditions(), min_size=least, max_size=2))
    return spec


def set_of(drawn: list[dict]) -> FeatureSet:
    definitions = [
        read_definition(EVENT_TABLE, spec, name=f"defined_{place}", fields=FIELDS)
        for place, spec in enumerate(drawn)
    ]
    whole = extended(PAYMENTS, definitions, FIELDS)
    return whole.only(whole.added)


@pytest.fixture
def tables(cursor):
    create_tables(cursor)
    cursor.execute(f"alter table pg_temp.{EVENT_TABLE} add column metadata jsonb")
    yield cursor
    drop_tables(cursor)


def stored(cursor, drawn, in_order):
    rows = build([raw for raw, _ in drawn], in_order)
    for row, (_, metadata) in zip(rows[EVENT_TABLE], drawn, strict=True):
        row |= columns_of(metadata, FIELDS)
    empty_tables(cursor)
    insert(cursor, EVENT_TABLE, rows[EVENT_TABLE])
    for number, (_, metadata) in enumerate(drawn, start=1):
        cursor.execute(
            f"update {EVENT_TABLE} set metadata = %s where id = %s", (json.dumps(metadata), number)
        )
    return rows


def check(cursor, feature_set: FeatureSet, drawn, bound: int, in_order: bool) -> None:
    rows = stored(cursor, drawn, in_order)
    columns = arrays(rows[EVENT_TABLE], {**TABLES[EVENT_TABLE], **feature_set.expressions})
    found, dirty = primitives(feature_set, columns, bound=bound, chunk=3)
    late = np.flatnonzero(dirty)
    if len(late):
        found[late] = exact_primitives(feature_set, columns, None, late, bound)
    values = evaluate(feature_set, found, columns)
    asked = statement(feature_set, bound)
    cursor.execute(asked.prepare("defined"))
    try:
        _agree(cursor, feature_set, rows, found, values, bound)
    finally:
        cursor.execute("deallocate defined")  # the connection serves other tests


def _agree(cursor, feature_set: FeatureSet, rows: dict, found, values, bound: int) -> None:
    asked = statement(feature_set, bound)
    for place, one in enumerate(rows[EVENT_TABLE]):
        wanted = reference(feature_set, rows, one, bound)
        answered = ask(cursor, asked, "defined", one)
        assert dict(zip(wanted, answered, strict=True)) == wanted
        assert [None if v == NULL else v for v in found[place].tolist()] == list(wanted.values())
        assert np.array_equal(values[place], evaluate_one(feature_set, answered, one), equal_nan=True)


def run(cursor, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(specs(), min_size=1, max_size=5), histories, st.sampled_from([4, 500]), st.booleans())
    def each(drawn, history, bound, in_order):
        check(cursor, set_of(drawn), history, bound, in_order)

    each()


def test_every_definition_is_the_same_number_in_sql_in_numpy_and_in_words(tables):
    run(tables, examples=25)


@pytest.mark.long
def test_many_definitions_are_the_same_number(tables):
    run(tables, examples=400)


class TestReading:
    def test_a_definition_adds_to_the_shipped_set_and_leaves_its_start_alone(self):
        definition = read_definition(EVENT_TABLE, COUNT, name="sender_today")
        whole = extended(PAYMENTS, [definition])
        assert whole.numbers == (*PAYMENTS.numbers, "sender_today") and whole.base == PAYMENTS.version
        assert whole.version != PAYMENTS.version and whole.added == ("sender_today",)
        assert whole.streams == PAYMENTS.streams  # the sender's history is read already
        assert whole.meaning_digest("amount_ln") == PAYMENTS.meaning_digest("amount_ln")
        assert extended(PAYMENTS) is PAYMENTS

    def test_its_meaning_is_told_apart_by_what_it_computes_not_by_what_stands_beside(self):
        first = read_definition(EVENT_TABLE, COUNT, name="one")
        other = read_definition(EVENT_TABLE, {**COUNT, "window": "7d"}, name="two")
        alone, beside = extended(PAYMENTS, [first]), extended(PAYMENTS, [other, first])
        assert alone.meanings(("one", "amount")) == {"one": beside.meaning_digest("one")}
        changed = read_definition(EVENT_TABLE, {**COUNT, "window": "25h"}, name="one")
        assert extended(PAYMENTS, [changed]).meaning_digest("one") != alone.meaning_digest("one")

    def test_it_reads_in_english(self):
        filtered = [{"column": "type", "is": "in", "value": ["transfer", "debit"]}]
        spec = {
            "entity": "card",
            "aggregate": "distinct",
            "column": "receiver",
            "window": "7d",
            "filter": filtered,
        }
        assert worded(read_definition(EVENT_TABLE, spec), EVENT_TABLE) == (
            "Distinct receivers over the events of this card in the last 7d"
            " whose type is one of transfer, debit, this one included."
        )

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"entity": "sendr"}, "entity"),
            ({"aggregate": "median"}, "aggregate"),
            ({"window": None}, "window"),
            ({"window": "366d"}, "window"),
            ({"window": "1 day"}, "window"),
            ({"window": "0h"}, "window"),
            ({"until": "24h"}, "until"),
            ({"column": "amount"}, "column"),
            ({"aggregate": "sum"}, "column"),
            ({"aggregate": "sum", "column": "type"}, "column"),
            ({"aggregate": "share"}, "filter"),
            ({"aggregate": "since_last", "include_current": True}, "include_current"),
            ({"until": "1h", "include_current": True}, "include_current"),
            ({"include_current": "yes"}, "include_current"),
            ({"windows": "1h"}, "windows"),
            ({"entity": ["sender"]}, "entity"),
            ({"filter": {"column": "type"}}, "filter"),
            ({"filter": [{"column": "type", "is": "=="}]}, "filter.0"),
            ({"filter": [{"column": "day", "is": "==", "value": 1}]}, "filter.0.column"),
            ({"filter": [{"column": "type", "is": "<", "value": "debit"}]}, "filter.0.is"),
            ({"filter": [{"column": "type", "is": "==", "value": "gift"}]}, "filter.0.value"),
            ({"filter": [{"column": "amount", "is": ">", "value": 10**400}]}, "filter.0.value"),
            ({"filter": [{"column": "amount", "is": ">", "value": float("nan")}]}, "filter.0.value"),
            ({"filter": [{"column": "amount", "is": ">", "value": 1.005}]}, "filter.0.value"),
            ({"filter": [{"column": "amount", "is": ">", "value": True}]}, "filter.0.value"),
            ({"filter": [{"column": "country", "is": "in", "value": []}]}, "filter.0.value"),
            ({"filter": [{"column": "country", "is": "==", "value": "Germany"}]}, "filter.0.value"),
            ({"filter": [{"column": "receiver", "is": "==", "value": "a\x00"}]}, "filter.0.value"),
            ({"filter": [{"column": "sender_is_merchant", "is": "==", "value": 1}]}, "filter.0.value"),
            ({"filter": [{"column": "field_unknown", "is": "==", "value": 1}]}, "filter.0.column"),
        ],
    )
    def test_what_does_not_hold_is_refused_by_name(self, changes, field):
        with pytest.raises(DefinitionRefused) as refused:
            read_definition(EVENT_TABLE, {**COUNT, **changes})
        assert [problem.field for problem in refused.value.problems] == [field]

    @pytest.mark.parametrize("spec", [None, [], "count", 3])
    def test_only_an_object_is_a_definition(self, spec):
        with pytest.raises(DefinitionRefused, match="must be an object"):
            read_definition(EVENT_TABLE, spec)


class TestFields:
    def test_values_are_typed_and_kept_in_the_metadata(self):
        read = read_fields({"note": "x", "gift": True}, {"basket": "3", "promo": "A"}, FIELDS, Context(None))
        assert read == {"note": "x", "gift": True, "basket": 3.0, "promo": "A"}
        assert read_fields(None, {}, FIELDS, Context(None)) is None
        assert read_fields(None, {"basket": "", "gift": "no"}, FIELDS, Context(None, text=True)) == {
            "gift": False
        }

    @pytest.mark.parametrize(
        ("metadata", "own", "field"),
        [
            ({"basket": "many"}, {}, "metadata.basket"),
            ({}, {"basket": True}, "basket"),
            ({}, {"basket": 1e30}, "basket"),
            ({}, {"basket": 10**400}, "basket"),
            ({"gift": 3}, {}, "metadata.gift"),
            ({}, {"promo": "\x00"}, "promo"),
            ({}, {"promo": "\ud800"}, "promo"),
            ({}, {"promo": ["A"]}, "promo"),
            ({"promo": "A"}, {"promo": "A"}, "promo"),
            ({"note": "x" * 4080}, {"promo": "A" * 60}, "metadata"),
        ],
    )
    def test_another_type_is_refused_by_name(self, metadata, own, field):
        with pytest.raises(RecordRefused) as refused:
            read_fields(metadata, own, FIELDS, Context(None))
        assert [problem.field for problem in refused.value.problems] == [field]
