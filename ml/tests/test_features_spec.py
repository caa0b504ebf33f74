"""Feature sets refuse what does not hold together, and carry a version of everything they define."""

from dataclasses import replace

import pytest

from ml.domains.aml.features import AML
from ml.domains.payments.features import PAYMENTS
from ml.features.builders import count, flag
from ml.features.catalogue import document
from ml.features.durations import DAY, HOUR
from ml.features.keys import country_code, country_text, entity_key
from ml.features.spec import Feature, FeatureSet, Primitive, Stream

SENDER = Stream("sender", "sender_key", "sender_key")
NUMBER = Primitive("n", "sender", "count", window=HOUR)


def small(primitive=NUMBER, stream=SENDER, features=()) -> FeatureSet:
    return FeatureSet("small", (stream,), (primitive,), tuple(features))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"primitive": replace(NUMBER, stream="card")}, "n: unknown stream 'card'"),
        ({"primitive": replace(NUMBER, aggregate="mode")}, "n: unknown aggregate 'mode'"),
        ({"primitive": replace(NUMBER, aggregate="sum")}, "n: sum needs a column"),
        ({"primitive": replace(NUMBER, column="type")}, "n: count takes no column"),
        ({"primitive": replace(NUMBER, aggregate="sum", column="amount")}, "n: unknown column 'amount'"),
        ({"primitive": replace(NUMBER, until=HOUR)}, "n: until must lie inside the window"),
        ({"primitive": replace(NUMBER, aggregate="horizon")}, "n: horizon takes no window and no filter"),
        ({"primitive": replace(NUMBER, where=(("size", "==", 1),))}, "n: cannot filter by 'size'"),
        ({"primitive": replace(NUMBER, where=(("type", "~", 1),))}, "n: unknown comparison '~'"),
        ({"primitive": replace(NUMBER, where=(("type", "in", 1),))}, "n: in cannot take 1"),
        (
            {"primitive": replace(NUMBER, aggregate="quantile", column="type", quantile=50)},
            "n: quantile is a baseline, so it must be prior or have until",
        ),
        ({"stream": replace(SENDER, key="size")}, "stream sender: unknown column 'size'"),
        ({"stream": replace(SENDER, table="other")}, "stream sender: unknown table 'other'"),
        ({"features": [count("a", "", "m")]}, "a: operand 'm' is not defined before it"),
        ({"features": [count("n", "", "n")]}, "primitive or feature defined twice: n"),
        ({"features": [flag("a", "", "equal", "n")]}, "a: equal takes 2 operands"),
        ({"features": [flag("a", "", "scaled", "n")]}, "a: scaled takes 1 parameters"),
        ({"features": [flag("a", "", "greatest", "n")]}, "a: unknown op 'greatest'"),
        (
            {"features": [Feature("a", "number", "text", "", "text", ("event.type",))]},
            "a: 'text' does not make a number feature",
        ),
    ],
)
def test_a_wrong_definition_is_named(wrong, message):
    with pytest.raises(ValueError) as caught:
        small(**wrong)
    assert str(caught.value) == message


def test_the_version_follows_every_definition():
    made = small(features=[count("a", "Count.", "n")])
    assert made.version == small(features=[count("a", "Count.", "n")]).version
    assert made == small(features=[count("a", "Count.", "n")])
    assert hash(made) == hash(small(features=[count("a", "Count.", "n")]))
    others = [
        small(features=[count("a", "Number.", "n")]),
        small(replace(NUMBER, window=DAY), features=[count("a", "Count.", "n")]),
        small(stream=replace(SENDER, delay=1), features=[count("a", "Count.", "n")]),
    ]
    assert made.version not in {other.version for other in others}


def test_payments_lists_numbers_and_flags_before_texts():
    assert PAYMENTS.names == PAYMENTS.numbers + PAYMENTS.texts
    assert PAYMENTS.texts == ("type", "channel", "country", "home_country")
    assert PAYMENTS.version.startswith("payments-")
    assert len(PAYMENTS.version) == len("payments-") + 12
    with pytest.raises(KeyError):
        PAYMENTS.feature("sender_count_2h")


def test_features_that_two_sets_share_mean_the_same_in_both():
    shared = set(PAYMENTS.names) & set(AML.names)
    assert len(shared) > 30
    for name in shared:
        assert PAYMENTS.feature(name) == AML.feature(name)
        assert PAYMENTS.primitives_of(name) == AML.primitives_of(name)


def test_windows_and_streams_of_a_feature():
    assert PAYMENTS.window_of("amount") == "event"
    assert PAYMENTS.window_of("sender_mean_24h") == "24h"
    assert PAYMENTS.window_of("sender_earlier_mean_30d") == "earlier 30d"
    assert PAYMENTS.window_of("sender_sum_24h_over_usual") == "24h, 30d ago until 24h ago"
    assert PAYMENTS.window_of("merchant_fraud_rate_7d") == "7d, 14d ago until 7d ago"
    assert PAYMENTS.window_of("first_pair") == "all history"
    assert PAYMENTS.streams_of("sender_out_in_ratio_48h") == ("sender", "s_in")


def test_every_feature_says_what_it_means():
    for feature in (*PAYMENTS.features, *AML.features):
        assert feature.meaning.endswith("."), feature.name
        assert "|" not in feature.meaning, feature.name


def test_the_catalogue_names_every_feature_once_and_who_reads_it():
    page = document((PAYMENTS, AML), {"payments": {"amount": ["SOME_RULE", "model"]}})
    rows = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert rows == [*PAYMENTS.names, *AML.names]
    assert "| `amount` | Amount of the event. | money | event | number | SOME_RULE, model |" in page


def test_keys_are_stable_and_depend_on_the_kind():
    assert entity_key("account", "C1") == 4992646101914883070
    assert entity_key("account", "C1") != entity_key("card", "C1")
    with pytest.raises(ValueError, match="unknown kind of entity 'person'"):
        entity_key("person", "C1")


def test_country_codes():
    assert country_code("de") == 17477
    assert country_text(17477) == "DE"
    for text in ("D", "DEU", "D1", "ÄÖ"):
        with pytest.raises(ValueError, match="not a two-letter country code"):
            country_code(text)
