"""What the payments features are, by example."""

import pytest

from ml.features.columns import LABEL_TABLE, STATUS_TABLE
from ml.tests.payment_events import days, event, features, last


def test_windows_include_the_event_and_leave_out_what_is_exactly_their_age():
    now = last([event(-24), event(-1), event(-0.5, 20), event(0, 30)])
    assert (now["sender_count_1h"], now["sender_sum_1h"], now["sender_max_1h"]) == (2, 50, 30)
    assert (now["sender_count_24h"], now["sender_mean_24h"]) == (3, 20)
    assert (now["sender_count_7d"], now["sender_seconds_since_last"]) == (4, 1800)


def test_distinct_counterparties_of_every_entity():
    keys = {"card_key": 5, "device_key": 6, "ip_key": 7, "merchant_key": 8}
    now = last([event(-2, sender_key=3, **keys), event(-1, receiver_key=4, **keys), event(**keys)])
    assert now["sender_receivers_24h"] == 2
    assert now["receiver_senders_24h"] == 2
    assert now["card_receivers_24h"] == 2
    assert [now[f"{e}_senders_24h"] for e in ("device", "ip", "merchant")] == [2, 2, 2]


def test_a_missing_key_gives_missing_and_an_empty_history_does_not():
    now = last([event()])
    assert now["card_count_1h"] is None
    assert now["device_fraud_rate_30d"] is None
    assert now["sender_count_1h"] == 1
    assert now["sender_earlier_count_90d"] == 0
    assert now["sender_seconds_since_last"] is None
    assert now["sender_earlier_p95_30d"] is None
    assert now["sender_history_days"] == 0


def test_baselines_use_earlier_events_only():
    now = last([*(event(-n, n) for n in range(20, 0, -1)), event(0, 1000)])
    assert now["sender_earlier_count_30d"] == 20
    assert now["sender_earlier_mean_30d"] == 10.5
    assert now["sender_earlier_p95_30d"] == 19
    assert now["sender_earlier_median_90d"] == 10
    assert now["sender_earlier_max_90d"] == 20
    assert now["amount_over_sender_median_90d"] == 100


def test_equal_amounts_have_no_deviation_and_so_no_z_score():
    now = last([event(-2), event(-1), event(0, 50)])
    assert now["sender_ln_sd_90d"] == 0
    assert now["sender_ln_mean_90d"] == 6.9078
    assert now["sender_ln_z_90d"] is None


def test_usual_sum_and_count_leave_out_what_is_being_compared():
    daily = [event(days(-d), 100) for d in range(29, 0, -1)]
    now = last([*daily, event(-0.5, 700), event(0, 800)])
    assert now["sender_sum_24h"] == 1500
    assert now["sender_usual_sum_24h"] == 100
    assert now["sender_sum_24h_over_usual"] == 15
    assert now["sender_usual_count_1h"] == pytest.approx(29 / 719, rel=1e-15)


def test_the_bound_shortens_what_usual_is_measured_over():
    every_minute = [event(-n / 60, card_key=5) for n in range(600, 0, -1)]
    now = last([*every_minute, event(card_key=5)])
    assert now["card_count_24h"] == 500
    # 499 events reach back 499 minutes; the hour before now is left out: 440 events in 439 minutes.
    assert now["card_usual_count_1h"] == pytest.approx(440 / (439 / 60), rel=1e-12)


def test_first_pair_device_and_country_look_at_all_history():
    old = event(days(-400), country_code=1, device_key=9)
    now = last([old, *(event(-n / 100, receiver_key=3) for n in range(600, 0, -1)), event(country_code=1)])
    assert (now["first_pair"], now["first_country"], now["first_device"]) == (0, 0, None)
    assert now["sender_history_days"] == 400
    assert now["sender_country_count_90d"] == 0
    first = last([old, event(receiver_key=4, country_code=2, device_key=8)])
    assert (first["first_pair"], first["first_country"], first["first_device"]) == (1, 1, 1)


def test_balances():
    sent = event(0, 95, sender_before_minor=10_000, sender_after_minor=0)
    now = last([sent])
    assert now["drained_share"] == 0.95
    assert now["sender_balance_mismatch"] == pytest.approx(5 / 95, rel=1e-15)
    assert now["receiver_balance_mismatch"] is None
    cash_in = sent | {"type": 3, "sender_after_minor": 19_500}
    assert last([cash_in])["sender_balance_mismatch"] == 0
    assert last([sent | {"type": 6}])["sender_balance_mismatch"] is None
    received = event(0, 95, receiver_before_minor=0, receiver_after_minor=9_500)
    assert last([received])["receiver_balance_mismatch"] == 0


def test_card_testing_counts_small_payments_and_their_cards():
    small = [event(-0.1, 2, type=1, card_key=c, merchant_key=8, ip_key=7) for c in (1, 2, 2)]
    others = [event(-0.1, 2.01, type=1, card_key=3, ip_key=7), event(-0.1, 1, card_key=4, ip_key=7)]
    now = last(
        [event(-3, 1, type=1, card_key=5, merchant_key=8), *small, *others, event(merchant_key=8, ip_key=7)]
    )
    assert (now["ip_small_count_1h"], now["ip_small_cards_1h"]) == (3, 2)
    assert (now["merchant_small_count_1h"], now["merchant_small_cards_1h"]) == (3, 2)
    assert now["merchant_usual_small_count_1h"] == pytest.approx(1 / 719, rel=1e-15)


def test_travel_from_the_last_located_event():
    paris = {"latitude_e6": 48_856_600, "longitude_e6": 2_352_200, "channel": 3}
    tokyo = {"latitude_e6": 35_676_200, "longitude_e6": 139_650_300, "channel": 4}
    now = last([event(-2, **paris), event(-1, latitude_e6=1, channel=1), event(**tokyo)])
    assert now["travel_km"] == pytest.approx(9712, abs=5)
    assert now["travel_seconds"] == 7200
    assert now["travel_kmh"] == pytest.approx(now["travel_km"] / 2, rel=1e-15)
    assert now["travel_both_card_present"] == 1
    at_once = last([event(**paris), event(**(tokyo | {"channel": 1}))])
    assert at_once["travel_kmh"] == pytest.approx(at_once["travel_km"] * 3600, rel=1e-15)
    assert at_once["travel_both_card_present"] == 0
    assert last([event(), event(**tokyo)])["travel_km"] is None


def test_money_passing_through_the_sender():
    old = event(days(-40), 440, sender_key=5, receiver_key=1)
    received = event(-20, 1000, sender_key=5, receiver_key=1)
    deposit = event(-10, 500, type=3)
    now = last([old, received, deposit, event(-5, 600), event(0, 900)])
    assert (now["sender_in_48h"], now["sender_in_count_48h"], now["sender_out_48h"]) == (1500, 2, 1500)
    assert now["sender_out_in_ratio_48h"] == 1
    assert (now["sender_first_in_hours_48h"], now["sender_first_out_hours_48h"]) == (20, 5)
    assert now["sender_out_follows_in_48h"] == 1
    assert now["sender_usual_in_48h"] == 10
    assert now["sender_account_days"] == 40
    assert now["sender_history_days"] == pytest.approx(10 / 24, rel=1e-15)


def test_night_share_and_the_calendar():
    nights = [event(-n, local_hour=3 if n < 3 else 12) for n in range(20, 0, -1)]
    now = last([*nights, event(local_hour=23)])
    assert now["sender_night_share_90d"] == 0.1
    assert (now["hour_of_day"], now["is_night"]) == (23, 0)
    assert last([event(local_hour=5)])["is_night"] == 1
    assert now["weekday"] == 3
    assert last([event(11.5, local_hour=0)])["weekday"] == 4
    assert last([event(-11.5, local_hour=20)])["weekday"] == 2
    noon = last([event(local_hour=6)])
    assert (noon["hour_sin"], noon["hour_cos"]) == (1, pytest.approx(0, abs=1e-15))


def label(hours: float, delta: int = 1, **keys: int) -> dict:
    return {"known_at": event(hours)["occurred_at"], "fraud_delta": delta, **keys}


def labelled(*labels: dict) -> dict:
    return {LABEL_TABLE: list(labels)}


def declined(number: int, hours: float, delta: int = 1, **keys: int) -> dict:
    """A status of the event with this number, known `hours` after noon."""
    row = {"transaction_id": number, "known_at": event(hours)["occurred_at"], "declined_delta": delta}
    return row | {"sender_key": 1} | keys


def with_statuses(*statuses: dict) -> dict:
    return {STATUS_TABLE: list(statuses)}


def test_fraud_rate_is_labels_known_over_settled_events():
    sold = [event(days(-10 - n / 10), merchant_key=8) for n in range(25, 0, -1)]
    recent = [event(days(-1), merchant_key=8)]
    known = [label(days(-2), merchant_key=8), label(days(-20), merchant_key=8), label(0, 0, merchant_key=8)]
    now = last([*sold, *recent, event(merchant_key=8)], labelled(*known))
    assert (now["merchant_fraud_n_30d"], now["merchant_fraud_rate_30d"]) == (25, 0.08)
    assert (now["merchant_fraud_n_7d"], now["merchant_fraud_rate_7d"]) == (25, 0.04)
    assert (now["merchant_fraud_n_1d"], now["merchant_fraud_rate_1d"]) == (0, None)
    back = labelled(*known, label(-1, -1, merchant_key=8), label(-1, -1, merchant_key=8))
    assert last([*sold, *recent, event(merchant_key=8)], back)["merchant_fraud_rate_30d"] == 0


def test_a_busy_merchants_fraud_rate_is_not_inflated_by_the_bound():
    hourly = [event(days(-8) - n / 4, merchant_key=8) for n in range(1500, 0, -1)]
    known = [label(-n * 24, merchant_key=8) for n in range(15)]
    now = last([*hourly, event(merchant_key=8)], labelled(*known))
    assert now["merchant_fraud_n_30d"] == 499
    # 15 frauds in 30 days over a pace of 4 an hour; the quiet day before the window's end counts as time.
    assert now["merchant_fraud_rate_30d"] == pytest.approx(15 / (499 * 720 / (24 + 499 / 4)), rel=1e-12)


def test_what_becomes_known_later_changes_nothing():
    sold = [event(days(-20 + n), merchant_key=8, device_key=1, ip_key=2) for n in range(21)]
    known = [label(days(-3), merchant_key=8, device_key=1, ip_key=2, receiver_key=2)]
    later = [label(days(d), merchant_key=8, device_key=1, ip_key=2, receiver_key=2) for d in (0.001, 3)]
    assert features(sold, labelled(*known))[:-1] == features(sold, labelled(*known, *later))[:-1]
    assert last(sold, labelled(*known)) == last(sold, labelled(*known, *later))
    assert last(sold, labelled(*known))["device_fraud_rate_30d"] == pytest.approx(1 / 14, rel=1e-15)


def test_declines_count_from_when_they_became_known():
    keys = {"card_key": 5, "device_key": 6, "ip_key": 7}
    sent = [event(days(-3), **keys), event(-20), event(-2, **keys), event(-1, **keys), event(**keys)]
    early = [declined(1, days(-3), **keys), declined(3, -2, **keys)]
    now = last(sent, with_statuses(*early, declined(4, 0.001, **keys), declined(2, days(9))))
    assert (now["sender_decline_share_24h"], now["sender_decline_share_7d"]) == (0.25, 0.4)
    for entity in ("card", "device", "ip"):
        assert now[f"{entity}_decline_share_24h"] == pytest.approx(1 / 3, rel=1e-15)
        assert now[f"{entity}_decline_share_7d"] == 0.5
    assert last(sent, with_statuses(*early, declined(3, -1, -1)))["sender_decline_share_24h"] == 0
    assert last(sent)["sender_decline_share_7d"] == 0
    assert last([event()])["card_decline_share_24h"] is None


def test_an_event_does_not_see_its_own_decline_nor_one_that_arrived_later():
    sent = [event(-2), event(-2), event(-2)]
    shares = features(sent, with_statuses(*(declined(n, -2) for n in (1, 2, 3))))
    assert [f["sender_decline_share_24h"] for f in shares] == [0, 0.5, pytest.approx(2 / 3, rel=1e-15)]
    late = [event(-1), event(-3), event(0)]
    shares = features(late, with_statuses(declined(2, -3)))
    assert [f["sender_decline_share_24h"] for f in shares] == [0, 0, pytest.approx(1 / 3, rel=1e-15)]


def test_more_declines_in_a_window_than_events_are_a_share_of_one():
    told_late = [declined(n, -1) for n in range(1, 4)]
    now = last([*(event(days(-2)) for _ in range(3)), event()], with_statuses(*told_late))
    assert (now["sender_decline_share_24h"], now["sender_decline_share_7d"]) == (1, 0.75)


def test_a_late_event_counts_only_for_what_comes_after_it():
    events = [event(-3), event(-1), event(-2, 90), event(0)]
    found = features(events)
    assert [f["sender_count_24h"] for f in found] == [1, 2, 2, 4]


def test_a_correction_replaces_the_row_for_later_events_only():
    wrong = event(-3, 1000, superseded_by_id=3)
    found = features([wrong, event(-2), event(-3, 10), event(0)])
    assert [f["sender_sum_24h"] for f in found] == [1000, 1010, 10, 30]
