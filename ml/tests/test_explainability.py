"""Contributions add up, and are told in plain sentences."""

import math

import numpy as np
import pytest

from ml.domains.payments.features import PAYMENTS
from ml.explainability import phrase, reason_code, reasons, top_contributions
from ml.features.spec import Feature
from ml.modeling.estimators import CANDIDATES
from ml.tests.generated import payments_model, payments_vectors, small_model, table


@pytest.mark.parametrize("candidate", CANDIDATES)
def test_contributions_and_baseline_sum_to_the_raw_score(candidate):
    model = small_model(candidate)
    X, _, _ = table(5, seed=7)
    for row in X:
        added, baseline = model.explain(row)
        assert added.shape == (8,)
        assert added.sum() + baseline == pytest.approx(model.raw(row[None, :])[0], abs=1e-9)


@pytest.mark.parametrize("candidate", CANDIDATES)
def test_what_drives_the_label_contributes_most(candidate):
    x = np.zeros(8)
    x[0] = 3.0
    (first, *_) = top_contributions(small_model(candidate), x, 3)
    assert (first.feature, first.value) == ("f0", 3.0)


def test_only_raising_contributions_are_told_in_order():
    X, _, _ = table(30, seed=8)
    for row in X:
        told = top_contributions(small_model(), row, 3)
        values = [item.contribution for item in told]
        assert values == sorted(values, reverse=True)
        assert all(value > 0 for value in values)
        assert len(told) <= 3


def test_reasons_of_a_fraud_name_features_with_value_and_usual_value():
    model = payments_model()
    X, y, _ = payments_vectors()
    columns = [PAYMENTS.numbers.index(name) for name in model.card.features]
    fraud = X[np.flatnonzero(y == 1)[-1], columns]
    told = reasons(model, PAYMENTS, fraud, 5)
    assert 1 <= len(told) <= 5
    for reason in told:
        name = reason.code.removeprefix("M_").lower()
        assert reason.text.startswith(PAYMENTS.feature(name).meaning.rstrip("."))
        assert reason.contribution > 0


def test_reason_codes_are_stable():
    assert reason_code("sender_count_1h") == "M_SENDER_COUNT_1H"


def _feature(unit: str, kind: str = "number") -> Feature:
    return Feature("x", kind, unit, "Payments in the last hour.", "scaled", ())


@pytest.mark.parametrize(
    ("unit", "value", "baseline", "said"),
    [
        ("count", 14.0, 2.0, "14; usual 2"),
        ("count", 14.0, None, "14"),
        ("count", 14.0, math.nan, "14"),
        ("count", math.nan, 2.0, "not known; usual 2"),
        ("money", 1234.5, 20.0, "1,234.50; usual 20.00"),
        ("seconds", 90.0, 86_400.0, "1.5 min; usual 1 d"),
        ("seconds", 0.0, 7_200.0, "0 s; usual 2 h"),
        ("share", 0.973, 0.05, "97.3%; usual 5%"),
        ("ratio", 4.256, 1.0, "4.26 times; usual 1 times"),
        ("km/h", 2500.04, 3.0, "2,500 km/h; usual 3 km/h"),
        ("day", 6.0, 1.0, "Sunday; usual Tuesday"),
        ("score", 3.14159, 0.1, "3.142; usual 0.1"),
    ],
)
def test_values_are_said_in_their_unit(unit, value, baseline, said):
    assert phrase(_feature(unit), value, baseline) == f"Payments in the last hour: {said}"


def test_flags_are_yes_and_no():
    assert phrase(_feature("flag", "bool"), 1.0, 0.0) == "Payments in the last hour: yes; usual no"


def test_every_payments_feature_can_be_said():
    for name in PAYMENTS.numbers:
        for value in (0.0, 1.0, 12345.678, math.nan):
            assert phrase(PAYMENTS.feature(name), value, 1.0).startswith(PAYMENTS.feature(name).meaning[:-1])
