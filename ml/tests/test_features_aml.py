"""What the aml features are, by example."""

import pytest

from ml.domains.aml.features import AML
from ml.domains.payments.features import PAYMENTS
from ml.features import kernel
from ml.tests.payment_events import days, event, features


def last(events: list[dict]) -> dict:
    return features(events, feature_set=AML)[-1]


def test_structuring_counts_what_stays_just_below_the_threshold():
    near = [
        event(-25, 9000, type=3, branch_key=9),
        event(-20, 7999.99, type=3),
        event(-10, 8000, type=3, branch_key=1, channel=5),
        event(-5, 10_000, type=3),
        event(-1, 9999.99, branch_key=2, channel=5),
    ]
    now = last([*near, event(0, 9000, channel=2)])
    assert (now["sender_near_count_24h"], now["sender_near_sum_24h"]) == (3, 26_999.99)
    assert (now["sender_near_max_24h"], now["sender_near_cash_24h"]) == (9999.99, 1)
    assert (now["sender_near_branches_24h"], now["sender_near_channels_24h"]) == (2, 2)
    assert now["sender_usual_near_count_24h"] == pytest.approx(1 / 89, rel=1e-15)
    assert (now["amount_over_threshold"], now["is_cash"]) == (0.9, 0)


def test_smurfing_counts_small_credits_of_one_receiver():
    credits = [event(days(-n), 3000, sender_key=n, receiver_key=8) for n in (20, 6, 5, 5, 1)]
    now = last([*credits, event(-1, 8000, receiver_key=8), event(0, 2000, sender_key=6, receiver_key=8)])
    assert (now["receiver_small_count_7d"], now["receiver_small_sum_7d"]) == (5, 14_000)
    assert (now["receiver_small_senders_7d"], now["receiver_small_days_7d"]) == (3, 4)
    assert now["receiver_usual_sum_7d"] == pytest.approx(3000 * 7 / 83, rel=1e-12)
    assert now["receiver_account_days"] == 20


def test_rapid_movement_is_what_payments_say_of_mules():
    sent = [event(-20, 6000, sender_key=5, receiver_key=1), event(-2, 3000), event(0, 2500, type=4)]
    now = last(sent)
    assert (now["sender_in_48h"], now["sender_out_48h"], now["sender_out_follows_in_48h"]) == (6000, 5500, 1)
    same = features(sent, feature_set=PAYMENTS)[-1]
    shared = set(AML.numbers) & set(PAYMENTS.numbers)
    assert {n: now[n] for n in shared} == {n: same[n] for n in shared}


def test_a_funnel_gathers_from_regions_and_pays_out_in_another():
    credits = [event(days(-6) + n, 1000, sender_key=9, receiver_key=1, region_key=n) for n in (1, 2, 3, 3)]
    large = event(-50, 10_000, sender_key=9, receiver_key=1, region_key=7)
    paid = [event(-80, 50, region_key=4), event(-70, 2000, region_key=4), event(-60, 100, region_key=1)]
    now = last([*credits, large, *paid, event(0, 1200, region_key=4)])
    assert (now["sender_credits_7d"], now["sender_credited_7d"]) == (4, 4000)
    assert (now["sender_credit_regions_7d"], now["sender_credits_here_7d"]) == (3, 0)
    assert (now["sender_out_72h"], now["sender_out_here_72h"]) == (3300, 3200)
    assert now["sender_out_here_share_72h"] == 0.8
    assert last([*credits, event(0, 10, region_key=3)])["sender_credits_here_7d"] == 2
    assert last([*credits, event(0, 10)])["sender_credits_here_7d"] is None


def test_fans_count_counterparties_unseen_in_the_earlier_quarter():
    known = [event(days(-30), receiver_key=k) for k in (3, 4)] + [event(days(-100), receiver_key=5)]
    now = last([*known, *(event(-n, receiver_key=n) for n in (6, 5, 4)), event(0, receiver_key=7)])
    assert (now["sender_receivers_24h"], now["sender_new_receivers_24h"]) == (4, 3)
    assert now["sender_usual_count_24h"] == pytest.approx(2 / 89, rel=1e-15)
    incoming = [event(days(-30), sender_key=3, receiver_key=8)]
    incoming += [event(-n, sender_key=n, receiver_key=8) for n in (4, 3)]
    now = last([*incoming, event(0, 20, sender_key=5, receiver_key=8)])
    assert (now["receiver_senders_24h"], now["receiver_new_senders_24h"]) == (3, 2)
    assert now["receiver_sum_24h"] == 40


def test_the_rest_of_an_account_ends_with_its_first_event_in_either_direction():
    old = [event(days(-300), sender_key=9, receiver_key=1), event(days(-210))]
    now = last([*old, event(days(-5), 40, sender_key=9, receiver_key=1), event(-1, 50), event(0, 60)])
    assert now["sender_gap_days"] == 205
    assert (now["sender_moves_7d"], now["sender_moved_7d"]) == (3, 150)
    woken = last([*old, event(0, 5000, sender_key=9, receiver_key=1)])
    assert (woken["receiver_gap_days"], woken["sender_gap_days"]) == (210, 300)
    assert (woken["receiver_moves_7d"], woken["receiver_moved_7d"]) == (1, 5000)
    assert last([event(-1), event()])["sender_gap_days"] is None


def test_a_profile_change_is_seen_against_the_half_year_before():
    monthly = [event(days(-30 * n - 1), 600) for n in (1, 2, 3)] + [event(days(-211), 9000)]
    now = last([*sorted(monthly, key=lambda e: e["occurred_at"]), event(days(-2), 400), event(0, 500)])
    assert (now["sender_sum_30d"], now["sender_usual_sum_30d"]) == (900, 300)
    assert now["sender_sum_30d_over_usual"] == 3
    assert now["sender_earlier_count_90d"] == 3


def test_round_amounts_are_multiples_in_the_original_currency():
    events = [event(days(-8), 1000), event(-3, 1000), event(-2, 923.45, original_minor=200_000)]
    now = last([*events, event(-1, 1000, original_minor=99_999), event(0, 1, original_minor=0)])
    assert (now["sender_round_count_7d"], now["sender_round_sum_7d"]) == (2, 1923.45)
    assert now["sender_round_share_7d"] == 0.5


def test_what_was_moved_in_the_country_of_the_event():
    old, here = event(days(-31), 5, country_code=1), event(-2, 10, country_code=1)
    events = [old, here, event(-1, 20, country_code=2)]
    assert last([*events, event(0, 40, country_code=1)])["sender_country_sum_30d"] == 50
    assert last([*events, event(0, 40)])["sender_country_sum_30d"] is None


def test_countries_of_the_parties_are_given_with_the_event():
    given = {"type": 2, "sender_country_code": 17477, "ip_country_code": 21843}
    found = kernel.texts(AML, given)
    assert (found["sender_country"], found["receiver_country"], found["ip_country"]) == ("DE", None, "US")
