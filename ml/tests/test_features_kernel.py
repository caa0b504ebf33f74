"""The kernel gives the same bits for one event and for many, and missing where nothing can be computed."""

import math

import numpy as np
import pytest

from ml.domains.aml.features import AML
from ml.domains.payments.features import PAYMENTS
from ml.features import kernel
from ml.features.builders import flag, number
from ml.features.durations import DAY
from ml.features.operations import EARTH_RADIUS_KM
from ml.features.spec import NULL, FeatureSet

pytestmark = pytest.mark.filterwarnings("error")


def random_inputs(feature_set: FeatureSet, count: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    rng = np.random.default_rng(5)
    wide = rng.integers(-(10**9), 10**9, (count, len(feature_set.primitives)))
    narrow = rng.integers(0, 4, wide.shape)
    primitives = np.where(rng.random(wide.shape) < 0.5, wide, narrow)
    primitives[rng.random(wide.shape) < 0.1] = NULL
    columns = {c: rng.integers(0, 9, count) for c in kernel.kernel(feature_set).columns}
    columns["occurred_at"] = 1_700_000_000_000_000 + rng.integers(0, 10**13, count)
    for name, limit in (("latitude_e6", 90_000_000), ("longitude_e6", 180_000_000)):
        columns[name] = rng.integers(-limit, limit, count)
    for column in columns.values():
        column[rng.random(count) < 0.2] = NULL
    return primitives, columns


@pytest.mark.parametrize("feature_set", [PAYMENTS, AML], ids=lambda f: f.name)
def test_one_event_and_many_give_the_same_bits(feature_set):
    primitives, columns = random_inputs(feature_set, 1200)
    many = kernel.evaluate(feature_set, primitives, columns)
    for row in range(len(primitives)):
        integers = [None if v == NULL else int(v) for v in primitives[row]]
        event = {c: None if v[row] == NULL else int(v[row]) for c, v in columns.items()}
        one = kernel.evaluate_one(feature_set, integers, event)
        assert one.tobytes() == many[row].tobytes()


def test_the_order_of_the_input_in_memory_does_not_matter():
    primitives, columns = random_inputs(PAYMENTS, 50)
    by_primitive = np.asfortranarray(primitives)
    expected = kernel.evaluate(PAYMENTS, primitives, columns)
    assert kernel.evaluate(PAYMENTS, by_primitive, columns).tobytes() == expected.tobytes()


def test_no_events():
    none = np.empty((0, len(PAYMENTS.primitives)), np.int64)
    assert kernel.evaluate(PAYMENTS, none, {}).shape == (0, len(PAYMENTS.numbers))


def computed(op: str, *values: float | None, by: tuple = ()) -> float:
    """Apply one operation to event columns."""
    columns = ("amount_minor", "original_minor", "amount_ln", "branch_key", "region_key")[: len(values)]
    make = flag if op in ("equal", "both", "member", "later_than_earliest") else number
    arguments = ("x", "unit", "meaning") if make is number else ("x", "meaning")
    feature = make(*arguments, op, *(f"event.{c}" for c in columns), by=by)
    event = dict(zip(columns, values, strict=True))
    return kernel.evaluate_one(FeatureSet("one", (), (), (feature,)), (), event)[0]


@pytest.mark.parametrize(
    ("op", "values", "by", "expected"),
    [
        ("scaled", (1999,), (100.0,), 19.99),
        ("ratio", (1000, 3), (100.0,), 1000 / 300),
        ("burden", (1000, 3), (100.0, 50.0), 1000 / 300),
        ("burden", (1000, 3), (1.0, 50.0), 50.0),
        ("burden", (1, 0), (1.0, 50.0), 50.0),
        ("over_mean", (348_530_000, 30 * 69_706_000, 30), (), 5.0),
        ("mean_over", (3 * 150_012, 3, 100_008), (), 1.5),
        ("retraced", (400, 370, 325), (), 0.4),
        ("total", (150, 50), (100.0,), 2.0),
        ("difference", (5, 2), (2.0,), 1.5),
        ("complement", (1,), (), 0.0),
        ("age_of_earliest", (10, 4, None), (2.0,), 3.0),
        ("gap", (9, 8, None, 2), (2.0,), 3.0),
        ("later_than_earliest", (5, None, 4), (), 1.0),
        ("later_than_earliest", (4, 9, 4), (), 0.0),
        ("deviation", (2, 40_000, 1_000_000_000), (10_000.0,), math.sqrt(2)),
        ("standardised", (7, 4, 2), (), 1.5),
        ("equal", (3, 3), (), 1.0),
        ("member", (4,), (3.0, 4.0), 1.0),
        ("both", (0, None), (), 0.0),
        ("pace", (58, None, DAY), (30 * DAY, DAY, DAY, 1.0), 2.0),
        ("pace", (58, -3 * DAY, DAY), (30 * DAY, DAY, DAY, 1.0), 58 / 3),
        ("label_rate", (3, None, 2, None, DAY), (DAY, DAY), 1.0),
        ("label_rate", (-1, None, 2, None, DAY), (DAY, DAY), 0.0),
        ("distance", (0, 0, 0, 90_000_000), (), EARTH_RADIUS_KM * math.pi / 2),
        ("speed", (10, 0), (), 36_000.0),
    ],
)
def test_operations(op, values, by, expected):
    assert computed(op, *values, by=by) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("op", "values", "by"),
    [
        ("ratio", (1, 0), (1.0,)),
        ("ratio", (0, 0), (1.0,)),
        ("ratio", (None, 1), (1.0,)),
        ("burden", (0, 0), (1.0, 50.0)),
        ("burden", (None, 0), (1.0, 50.0)),
        ("over_mean", (5, 0, 3), ()),
        ("mean_over", (5, 3, 0), ()),
        ("retraced", (5, 4, 5), ()),
        ("deviation", (1, 5, 25), (1.0,)),
        ("standardised", (7, 4, 0), ()),
        ("equal", (3, None), ()),
        ("member", (None,), (3.0,)),
        ("both", (1, None), ()),
        ("age_of_earliest", (10, None, None), (2.0,)),
        ("gap", (9, 8, None, None), (2.0,)),
        ("pace", (58, 0, DAY), (30 * DAY, DAY, DAY, 1.0)),
        ("label_rate", (1, None, 0, None, DAY), (DAY, DAY)),
        ("mismatch", (10, 0, 10, 6), (-1.0,)),
        ("mismatch", (None, 0, 10, 2), (1.0,)),
    ],
)
def test_what_cannot_be_computed_is_missing(op, values, by):
    assert math.isnan(computed(op, *values, by=by))


def test_texts_of_one_event_and_of_many():
    event = {"type": 4, "channel": None, "country_code": 17477, "home_country_code": 17477}
    expected = {"type": "cash_out", "channel": None, "country": "DE", "home_country": "DE"}
    assert kernel.texts(PAYMENTS, event) == expected
    columns = {c: np.array([NULL if v is None else v] * 2) for c, v in event.items()}
    many = kernel.text_columns(PAYMENTS, columns)
    assert {name: values.tolist() for name, values in many.items()} == {
        n: [t, t] for n, t in expected.items()
    }
