"""Features of imported histories: exact by hand, and never ahead of their moment."""

from dataclasses import replace

import numpy as np
import pytest

from ml.features.durations import DAY, HOUR
from ml.features.spec import NULL
from ml.history import History
from ml.history.encoders import encoder_of
from ml.history.features import matrix, names_of
from ml.history.plan import Plan
from ml.history.planning import plan_of
from ml.tests.labelled_histories import DELAY, START, timed, timeless


def _column(history: History, name: str) -> np.ndarray:
    plan = plan_of(history, np.arange(len(history)), seed=1)
    return matrix(history, plan)[:, names_of(plan).index(name)]


def _few() -> History:
    """Four events of one entity: 10, 20 and 30 an hour apart, and 1,000 ten days later."""
    amounts = np.array([10.0, 20.0, 30.0, 1_000.0])
    times = START + np.array([0, HOUR, 2 * HOUR, 10 * DAY])
    minor = np.round(amounts * 100).astype(np.int64)
    events = {
        "id": np.arange(1, 5),
        "occurred_at": times,
        "local_hour": times // HOUR % 24,
        "sender_key": np.array([7, 7, 7, 7]),
        "amount_minor": minor,
        "amount_ln": np.round(np.log(amounts) * 10_000).astype(np.int64),
    }
    return History(
        name="few",
        ids=np.arange(4).astype(str),
        times=times,
        y=np.array([0, 1, 0, 0], np.int8),
        known_at=times + DELAY,
        weight=None,
        events=events,
        numeric={"level": np.array([1, 1, 1, 5], np.float32)},
        categorical={"kind": (np.array([0, 0, 1, 1], np.int32), ["a", "b"])},
        roles=frozenset({"time", "entity", "amount", "label"}),
        label_delay=DELAY,
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("amount", [10, 20, 30, 1_000]),
        ("entity_count_24h", [1, 2, 3, 1]),
        ("entity_sum_24h", [10, 30, 60, 1_000]),
        ("entity_earlier_count", [0, 1, 2, 3]),
        ("entity_seconds_since_last", [np.nan, 3_600, 3_600, 856_800]),
        ("entity_history_days", [0, 1 / 24, 2 / 24, 10]),
        ("entity_ln_over_max", [np.nan, np.log(2), np.log(1.5), np.log(1_000 / 30)]),
        ("entity_ln_z", [np.nan, np.nan, 1.534, 7.214]),
        ("entity_frauds_known_ever", [0, 0, 0, 1]),
        ("entity_newest_label_is_fraud", [np.nan, np.nan, np.nan, 0]),
        ("entity_days_since_known_fraud", [np.nan, np.nan, np.nan, 3 - 1 / 24]),
        ("entity_fraud_rate_ever", [np.nan, np.nan, np.nan, (1 + 20 / 3) / 23]),
        ("column:kind_earlier_count", [0, 1, 0, 1]),
        ("column:kind/entity_share", [np.nan, 1, 0, 1 / 3]),
        ("column:level", [1, 1, 1, 5]),
        ("column:level/entity_over_last", [np.nan, 0, 0, 4 / 1]),
    ],
)
def test_features_by_hand(name, expected):
    np.testing.assert_allclose(_column(_few(), name), expected, rtol=2e-3, atol=1e-6)


def test_later_rows_and_labels_that_were_not_known_change_nothing():
    history, cut = timed(rows=800), 500
    plan = plan_of(history, np.arange(cut), seed=1)
    whole = matrix(history, plan)
    moment = history.times[cut - 1]
    turned = replace(history, y=np.where(history.known_at > moment, 1 - history.y, history.y).astype(np.int8))
    np.testing.assert_array_equal(matrix(turned, plan)[:cut], whole[:cut])
    amounts = history.events["amount_minor"].copy()
    amounts[cut:] *= 100
    changed = replace(history, events={**history.events, "amount_minor": amounts})
    np.testing.assert_array_equal(matrix(changed, plan)[:cut], whole[:cut])


def test_a_label_without_delay_never_gives_itself_away():
    history = timed(rows=300)
    same = replace(history, times=np.full(300, START), known_at=np.full(300, START))
    same = replace(same, events={**same.events, "occurred_at": same.times})
    for told in (same, replace(history, known_at=history.times - DAY)):
        plan = plan_of(told, np.arange(300), seed=1)
        flipped = told.y.copy()
        flipped[-1] = 1 - flipped[-1]
        turned = matrix(replace(told, y=flipped), plan)
        np.testing.assert_array_equal(turned[-1], matrix(told, plan)[-1])


def test_a_label_is_read_from_the_moment_it_is_known():
    history = timed(rows=800)
    plan = plan_of(history, np.arange(800), seed=1)
    place = names_of(plan).index("entity_labels_known_ever")
    counted = matrix(history, plan)[:, place]
    entity = history.events["sender_key"]
    row = 700
    known = (entity == entity[row]) & (history.known_at <= history.times[row])
    assert counted[row] == known.sum() > 0


def test_the_plan_survives_as_json_and_reads_another_history_by_words():
    history = timed(rows=600)
    plan = Plan.from_json(plan_of(history, np.arange(600), seed=1).as_json())
    codes, words = history.categorical["kind"]
    renumbered = (3 - codes).astype(np.int32), words[::-1]
    other = replace(history, categorical={**history.categorical, "kind": renumbered})
    np.testing.assert_array_equal(matrix(other, plan), matrix(history, plan))


def test_what_a_history_lacks_is_named():
    plan = plan_of(timed(rows=600), np.arange(600), seed=1)
    with pytest.raises(ValueError, match=r"history timed-0 has no entity"):
        matrix(timed(rows=100, entity=False), plan)
    bare = replace(timed(rows=100), numeric={})
    with pytest.raises(ValueError, match=r"has no numeric column noise"):
        matrix(bare, plan)


def test_balances_that_add_up_with_the_amount_are_found():
    history = timed(rows=400)
    money = history.events["amount_minor"] / 100
    before = np.random.default_rng(1).uniform(500, 5_000, 400)
    columns = {"before": before.astype(np.float32), "after": (before - money).astype(np.float32)}
    plan = plan_of(replace(history, numeric=columns), np.arange(400), seed=1)
    assert plan.balances == (("before", "after"),)
    assert "column:before over amount" in names_of(plan)


def test_categories_that_do_not_belong_together_are_followed():
    history, rng = timed(rows=3_000), np.random.default_rng(1)
    illness = rng.integers(0, 30, 3_000)
    odd = (history.y == 1) & (rng.random(3_000) < 0.7)
    cure = np.where(odd, rng.integers(0, 60, 3_000), illness * 2 + rng.integers(0, 2, 3_000))
    words = [f"w{n}" for n in range(60)]
    columns = {"illness": (illness.astype(np.int32), words), "cure": (cure.astype(np.int32), words)}
    history = replace(history, categorical={**history.categorical, **columns})
    plan = plan_of(history, np.arange(2_000), seed=1)
    share = matrix(history, plan)[2_000:, names_of(plan).index("column:cure with illness_share")]
    late = history.y[2_000:] == 1
    assert np.nanmedian(share[~late]) > 0.3 > 0.05 > np.nanmedian(share[late])
    alone = plan_of(timed(rows=3_000), np.arange(2_000), seed=1)
    assert not [name for name in names_of(alone) if " with " in name]


def test_rates_without_time_are_out_of_fold_and_new_words_get_the_usual_rate():
    history = timeless()
    encoder, own = encoder_of(history, ["column:town"]).learnt(np.arange(300), history.y, seed=1)
    later = encoder.values(np.arange(300))
    assert own.shape == (300, 2)
    assert (own[:, 0] != later[:, 0]).mean() > 0.9  # a row's own label is not in its rate
    np.testing.assert_array_equal(own[:, 1], later[:, 1])
    codes, words = history.categorical["town"]
    new = replace(history, categorical={"town": (codes, [f"new {word}" for word in words])})
    applied = type(encoder).from_json(encoder.as_json(), new).values(np.arange(5))
    np.testing.assert_allclose(applied[:, 0], history.y[:300].mean(), rtol=1e-6)


def test_missing_keys_have_no_habits():
    history = _few()
    keys = np.array([7, 7, NULL, 7])
    history = replace(history, events={**history.events, "sender_key": keys})
    assert np.isnan(_column(history, "entity_count_24h")[2])
    assert _column(history, "entity_earlier_count").tolist()[3] == 2
