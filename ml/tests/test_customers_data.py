"""Generated customers of the unpaid-debt domain."""

import pandas as pd
import pytest

from ml.data_generation.customers import generate_customers
from ml.preprocessing.leaks import single_column_auc


@pytest.mark.parametrize(("rows", "rate", "frauds"), [(1_000, 0.10, 100), (10_000, 0.05, 500)])
def test_size_and_share_are_exact(rows, rate, frauds):
    frame = generate_customers(rows=rows, fraud_rate=rate)
    assert (len(frame), int(frame["is_fraud"].sum())) == (rows, frauds)
    assert frame["customer_id"].is_unique
    assert not frame.isna().any().any()


def test_same_seed_same_frame():
    pd.testing.assert_frame_equal(generate_customers(seed=4), generate_customers(seed=4))


@pytest.mark.parametrize(("rows", "rate"), [(1_000, 0.10), (10_000, 0.05)])
def test_no_single_column_gives_the_label_away(rows, rate):
    frame = generate_customers(rows=rows, fraud_rate=rate)
    apart = {"is_fraud", "customer_id", "name"}
    found = single_column_auc(frame.drop(columns=list(apart)), frame["is_fraud"].to_numpy())
    assert set(found) == set(frame) - apart
    assert max(found.values()) < 0.85


def test_attributes_go_together():
    frame = generate_customers(rows=10_000, fraud_rate=0.05)
    assert frame["monthly_income"].corr(frame["credit_limit"]) > 0.4
    assert frame["late_payments_24m"].corr(frame["overdraft_days_90d"], method="spearman") > 0.1
    assert (frame["previous_defaults"] <= frame["late_payments_24m"]).all()
    assert (frame["tenure_months"] <= 12 * (frame["age"] - 15)).all()
    assert (frame["total_debt"] >= frame["card_balance"]).all()


def test_impossible_wishes_are_refused():
    with pytest.raises(ValueError, match="rows must be at least 50"):
        generate_customers(rows=10)
    with pytest.raises(ValueError, match=r"fraud_rate must lie between 0 and 0\.5"):
        generate_customers(fraud_rate=0.9)
