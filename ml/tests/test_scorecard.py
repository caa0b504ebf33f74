"""The shipped scorecard, line by line, and the arithmetic of points."""

import math

import pytest

from ml.domains.credit.scorecard import Characteristic, Scorecard
from ml.domains.credit.shipped import SHIPPED

CHECK = {
    "delinquency_days": 60,
    "public_record": 0,
    "utilisation": 0.8,
    "debt_to_income": 0.45,
    "amount_to_income": 0.35,
    "liquidity": 0.2,
    "oldest_account_months": 20,
    "inquiries_6m": 4,
    "account_types": 2,
    "employment_months": 8,
    "address_months": 6,
}
LINES = {
    "delinquency_days": ({0: 18, 29: 18, 30: -12, 59: -12, 60: -33, 89: -33, 90: -68, 400: -68}, -9),
    "public_record": ({0: 6, 1: -27, 2: -60}, 0),
    "utilisation": (
        {0: 15, 0.0999: 15, 0.1: 9, 0.3: -3, 0.4999: -3, 0.5: -18, 0.75: -33, 0.9999: -33, 1: -48, 2: -48},
        -5,
    ),
    "debt_to_income": (
        {0: 14, 0.2: 6, 0.3599: 6, 0.36: -6, 0.43: -21, 0.4999: -21, 0.5: -39, 3: -39},
        -21,
    ),
    "amount_to_income": ({0: 11, 0.0999: 11, 0.1: 3, 0.3: -9, 0.4999: -9, 0.5: -27}, 0),
    "liquidity": ({0: -24, 0.2499: -24, 0.25: -9, 1: 3, 2.99: 3, 3: 14, 50: 14}, -9),
    "oldest_account_months": ({0: -30, 11: -30, 12: -14, 35: -14, 36: 0, 84: 11, 179: 11, 180: 18}, -14),
    "inquiries_6m": ({0: 11, 1: 3, 2: -6, 3: -20, 4: -20, 5: -38, 40: -38}, 0),
    "account_types": ({0: -12, 1: -3, 2: 5, 3: 9, 7: 9}, -3),
    "employment_months": ({0: -21, 5: -21, 6: -8, 23: -8, 24: 5, 59: 5, 60: 12}, -12),
    "address_months": ({0: -12, 11: -12, 12: -3, 35: -3, 36: 5, 119: 5, 120: 9}, -3),
}


def test_every_line_of_the_shipped_scorecard():
    lines = {c.name: c for c in SHIPPED.characteristics}
    assert set(lines) == set(LINES)
    for name, (points, missing) in LINES.items():
        assert {value: lines[name].points_of(value) for value in points} == points, name
        assert lines[name].points_of(None) == missing


def test_the_check_vector():
    assert sum(SHIPPED.points(CHECK).values()) == -163
    assert SHIPPED.score(CHECK) == 497
    assert round(SHIPPED.default_probability(497), 4) == 0.4636
    assert [(s.characteristic.name, s.points) for s in SHIPPED.shortfalls(CHECK)][:4] == [
        ("delinquency_days", 51),
        ("utilisation", 48),
        ("liquidity", 38),
        ("debt_to_income", 35),
    ]


@pytest.mark.parametrize(("score", "odds"), [(660, 50), (690, 100), (600, 12.5), (630, 25)])
def test_thirty_points_double_the_odds(score, odds):
    assert math.isclose(SHIPPED.default_probability(score), 1 / (1 + odds), rel_tol=1e-9)


def test_the_score_is_clipped():
    worst = {c.name: c.edges[c.points.index(min(c.points))] for c in SHIPPED.characteristics}
    best = {c.name: c.edges[c.points.index(max(c.points))] for c in SHIPPED.characteristics}
    assert SHIPPED.score(worst) == 300  # 660 - 379 would be 281
    assert SHIPPED.score(best) == 660 + sum(c.best for c in SHIPPED.characteristics) == 797


def test_factors_run_from_the_worst_to_the_best_of_their_group():
    best = {c.name: c.edges[c.points.index(max(c.points))] for c in SHIPPED.characteristics}
    assert set(SHIPPED.factors(best).values()) == {1.0}
    factors = SHIPPED.factors(CHECK)
    assert factors["payment_history"] == round((-33 + 6 + 68 + 60) / (24 + 128), 4)
    assert factors["credit_mix"] == round((5 + 12) / 21, 4)


def test_reasons_are_worded_as_scored():
    texts = [shortfall.text for shortfall in SHIPPED.shortfalls(CHECK)]
    assert texts[:2] == [
        "Worst delinquency in 24 months: 60 days past due",
        "Revolving utilisation too high: 80%",
    ]
    assert "Revolving utilisation not given" in [s.text for s in SHIPPED.shortfalls({})]


def test_a_scorecard_survives_storage():
    assert Scorecard.from_json(SHIPPED.as_json()) == SHIPPED
    with pytest.raises(ValueError, match="lacks or misnames 'odds'"):
        Scorecard.from_json({name: v for name, v in SHIPPED.as_json().items() if name != "odds"})


@pytest.mark.parametrize(
    ("edges", "points", "message"),
    [
        ((0, 1), (1,), "one number of points"),
        ((1, 0), (1, 2), "must ascend"),
        ((), (), "one number of points"),
    ],
)
def test_a_characteristic_that_does_not_hold_together(edges, points, message):
    with pytest.raises(ValueError, match=message):
        Characteristic("x", "X", "g", edges, points, 0, "")
