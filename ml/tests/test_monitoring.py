"""Drift, calibration and shares: values worked out by hand."""

import json
from math import log

import numpy as np
import pytest

from ml.monitoring.bins import binned, counted
from ml.monitoring.drift import drift, psi
from ml.monitoring.outcomes import calibration, share

NAN = float("nan")


def test_psi_by_hand():
    # (0.75 - 0.5) ln(0.75 / 0.5) + (0.25 - 0.5) ln(0.25 / 0.5) = 0.25 * 0.405465 + 0.25 * 0.693147
    assert psi(np.array([50.0, 50.0]), np.array([75.0, 25.0])) == pytest.approx(0.274653, abs=1e-6)


def test_psi_of_the_same_shares_is_zero_whatever_the_sizes():
    assert psi(np.array([10.0, 30.0, 60.0]), np.array([1.0, 3.0, 6.0])) == 0.0


def test_an_empty_bin_counts_as_half_a_row_and_one_empty_on_both_sides_as_nothing():
    expected = 0.9 * log(1.0 / 0.1) + (0.9 - 0.0025) * log(0.9 / 0.0025)
    found = psi(np.array([10.0, 90.0, 0.0]), np.array([200.0, 0.0, 0.0]))
    assert found == pytest.approx(expected, abs=1e-9)


def test_ten_bins_of_one_size_and_missing_in_a_bin_of_its_own():
    bins = binned(np.array([*range(1, 101), NAN, NAN], dtype=float))
    assert bins["edges"] == [10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert bins["counts"] == [10] * 10 + [2]
    assert json.loads(json.dumps(bins)) == bins


def test_a_value_that_holds_several_deciles_has_its_own_bin():
    bins = binned(np.array([0.0] * 70 + [1, 2, 3, 4, 5, 6] * 5))
    below, zero = bins["edges"][:2]
    assert below < 0.0 == zero
    assert bins["counts"][:2] == [0, 70] and sum(bins["counts"]) == 100
    moved = np.array([-1.0, 0.0, 0.0, 7.0, NAN])
    assert counted(np.array(bins["edges"]), moved).tolist()[:2] == [1, 2]
    assert counted(np.array(bins["edges"]), moved).tolist()[-2:] == [1, 1]


def test_a_constant_feature_moves_only_when_its_value_does():
    bins = binned(np.full(1000, 3.1))
    assert bins["counts"] == [0, 1000, 0, 0]
    assert drift(bins, np.full(500, 3.1)).psi == 0.0
    assert drift(bins, np.full(500, 3.2)).psi > 10
    assert drift(bins, np.full(500, NAN)).actual == (0.0, 0.0, 0.0, 1.0)


def test_values_kept_in_single_precision_stay_in_their_bin():
    bins = binned(np.full(1000, 0.1, dtype=np.float32))
    assert drift(bins, np.full(500, 0.1)).psi == 0.0


def test_a_feature_that_was_always_missing_has_two_bins():
    bins = binned(np.full(10, NAN))
    assert bins == {"edges": [], "counts": [0, 10]}
    assert drift(bins, np.full(200, NAN)).psi == 0.0
    assert drift(bins, np.full(200, 5.0)).psi > 5


def test_values_beyond_single_precision_lie_in_the_outermost_bin():
    assert counted(np.array([1.0]), np.array([1e300, -1e300])).tolist() == [1, 1, 0]


def test_too_few_rows_and_no_reference_give_words_instead_of_a_number():
    bins = binned(np.arange(1000.0))
    few = drift(bins, np.arange(199.0))
    assert (few.status, few.n, few.psi) == ("too few", 199, None)
    assert drift(bins, np.arange(200.0)).status == "ok"
    assert drift(None, np.arange(500.0)).status == "no reference"
    assert drift({"edges": [], "counts": [0, 0]}, np.arange(500.0)).status == "no reference"


def test_wilson_intervals_by_hand():
    # p = 0.1, n = 10, z = 1.96: centre (0.1 + 0.19207) / 1.38415, half 0.19313: 0.0179 to 0.4042
    found = share(1, 10)
    assert (found.value, round(found.low, 4), round(found.high, 4)) == (0.1, 0.0179, 0.4042)
    assert share(0, 0).value is None and (share(0, 0).low, share(0, 0).high) == (0.0, 1.0)
    assert share(5, 5).high == 1.0 and share(0, 5).low == 0.0


def test_calibration_compares_predicted_with_observed():
    probability = np.repeat([0.1, 0.5], [80, 20])
    fraud = np.array([True] * 8 + [False] * 72 + [True] * 15 + [False] * 5)
    found = calibration(probability, fraud)
    assert (found["n"], found["predicted"], found["observed"]["value"]) == (100, 0.18, 0.23)
    assert found["ratio"] == pytest.approx(0.23 / 0.18, abs=1e-4)
    assert found["ratio_low"] < 1 < found["ratio_high"]
    assert [(d["predicted"], d["observed"]["hits"], d["observed"]["n"]) for d in found["deciles"]] == [
        (0.1, 8, 80),
        (0.5, 15, 20),
    ]


def test_ten_deciles_where_scores_differ():
    probability = np.arange(100) / 100
    found = calibration(probability, probability > 0.9)["deciles"]
    assert [d["observed"]["n"] for d in found] == [10] * 10
    assert (found[9]["from"], found[9]["until"], found[9]["observed"]["hits"]) == (0.9, 0.99, 9)


def test_a_ratio_needs_some_frauds():
    few = calibration(np.full(40, 0.1), np.zeros(40, dtype=bool))
    assert few["ratio"] is None and few["predicted"] == 0.1
    empty = calibration(np.array([]), np.array([], dtype=bool))
    assert (empty["n"], empty["predicted"], empty["ratio"], empty["deciles"]) == (0, None, None, [])


def test_many_rows_are_thinned_out_evenly():
    bins = binned(np.arange(1_000_000.0))
    assert sum(bins["counts"]) == 200_000 and bins["counts"] == [20_000] * 10 + [0]
