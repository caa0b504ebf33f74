"""Generated payments: the same for the same seed, coherent, and without a give-away column."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from ml.domains.payments.generator import LEAST_CUSTOMERS, generate, generate_rows
from ml.domains.payments.schema import FIELDS, parse
from ml.preprocessing.leaks import single_column_auc
from ml.preprocessing.tables import records
from ml.tests.generated import SIZE, payments_frame

UNTIL = datetime(2025, 1, 1, tzinfo=UTC)


def _moments(frame: pd.DataFrame) -> pd.Series:
    return pd.to_datetime(frame["occurred_at"], utc=True, format="ISO8601")


def test_same_seed_same_frame():
    pd.testing.assert_frame_equal(generate(**SIZE), payments_frame())


def test_other_seed_other_frame():
    other = generate(**{**SIZE, "seed": 6})
    assert not set(other["transaction_id"]) & set(payments_frame()["transaction_id"])


def test_times_are_sorted_and_lie_in_the_window():
    moments = _moments(payments_frame())
    assert moments.is_monotonic_increasing
    assert moments.min() >= UNTIL - timedelta(days=SIZE["days"])
    assert moments.max() < UNTIL


def test_ids_are_unique():
    assert payments_frame()["transaction_id"].is_unique


def test_balances_follow_from_each_other():
    """Every balance before an event is the balance after the account's previous one, on either side."""
    frame = payments_frame()
    legs = pd.concat(
        [
            frame[[f"{side}_id", f"{side}_balance_before", f"{side}_balance_after"]].set_axis(
                ["account", "before", "after"], axis=1
            )
            for side in ("sender", "receiver")
        ]
    )
    legs = legs[legs["before"].notna()].sort_index(kind="stable")
    previous = legs.groupby("account")["after"].shift()
    known = previous.notna()
    assert known.sum() > 5_000
    np.testing.assert_array_equal(np.rint(legs["before"][known] * 100), np.rint(previous[known] * 100))


def test_each_event_moves_its_amount():
    frame = payments_frame()
    amount = frame["amount"].where(frame["type"] != "cash_in", -frame["amount"])
    sender = frame["sender_balance_before"] - frame["sender_balance_after"] - amount
    receiver = frame["receiver_balance_after"] - frame["receiver_balance_before"] - frame["amount"]
    assert sender.abs().max() < 0.005
    assert receiver.abs().max() < 0.005


def test_no_balance_is_negative_and_no_amount_is_zero():
    frame = payments_frame()
    balances = frame.filter(like="_balance_")
    assert balances.min().min() >= 0.0
    assert frame["amount"].min() >= 0.01


def test_an_address_has_one_country():
    assert payments_frame().groupby("ip_address")["ip_country"].nunique().max() == 1


def test_fraud_rate_is_near_the_wanted_one_with_every_scheme():
    frame = generate(customers=400, days=60, fraud_rate=0.02, seed=2)
    assert frame["is_fraud"].mean() == pytest.approx(0.02, rel=0.15)
    schemes = {"takeover", "mule", "card_testing", "velocity", "travel"}
    assert set(frame["scheme"].dropna()) == schemes
    assert (frame["scheme"].notna() == (frame["is_fraud"] == 1)).all()


def test_no_fraud_when_none_is_wanted():
    assert generate(customers=50, days=20, fraud_rate=0.0)["is_fraud"].sum() == 0


def test_no_single_column_gives_the_label_away():
    frame = generate(customers=400, days=60, fraud_rate=0.015, seed=3)
    raw = frame.drop(columns=["is_fraud", "scheme"]).assign(hour=frame["occurred_at"].str[11:13].astype(int))
    found = single_column_auc(raw, frame["is_fraud"].to_numpy())
    assert {"amount", "type", "channel", "sender_balance_before", "merchant_category", "hour"} <= set(found)
    assert max(found.values()) < 0.85


def test_every_row_is_a_valid_request():
    frame = payments_frame().drop(columns=["is_fraud", "scheme"])
    assert set(frame) <= {field.name for field in FIELDS}
    rows = [parse(record, now=UNTIL) for record in records(frame.iloc[::10])]
    assert len(rows) == len(frame.iloc[::10])


def test_generate_rows_gives_exactly_that_many_of_the_newest():
    frame = generate_rows(2_000, days=30, seed=4)
    assert len(frame) == 2_000
    assert _moments(frame).max() > UNTIL - timedelta(days=1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"customers": LEAST_CUSTOMERS - 1}, "customers must be at least 20"),
        ({"days": 3}, "days must be at least 7"),
        ({"fraud_rate": 0.5}, "fraud_rate must lie between 0 and 0.2"),
        ({"until": datetime(2025, 1, 1)}, "until must carry a time zone"),
    ],
)
def test_impossible_wishes_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        generate(**wrong)
