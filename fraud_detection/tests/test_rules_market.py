"""Market rules about trades and prices: a history that just fires, one that does not, one that lacks data."""

import pytest

from fraud_detection.tests.market_events import NEAR_CLOSE, Tape, bars, events, hit, values

pytestmark = pytest.mark.django_db
HOUR, DAY = 3600, 86_400


@pytest.fixture
def tape(payments_engine, client_system):
    return Tape(client_system)


# ---- Pump And Dump


def pumped(tape, price=125.0, volume=4_000):
    tape.buy(0, "pumper", 100.0, 1_000)
    return tape.buy(HOUR, "crowd", price, volume)


def test_a_pump_is_watched_from_five_times_the_volume_and_a_quarter_more_in_price(tape):
    bars(30)
    answer = pumped(tape)
    assert hit(answer, "Pump And Dump")["severity"] == "high"
    assert hit(answer, "Pump And Dump")["alert_type"] == "pump_and_dump"
    found = values(answer, "Pump And Dump")
    assert (found["price_change"], found["volume_over_usual"], found["daily_bars"]) == (0.25, 5.0, 30)
    assert (found["previous_close"], found["stage"]) == (100.0, "watch")
    assert events(answer, "Pump And Dump") == ["E1", "E2"]
    assert answer["manipulation_risk"] == 60.0 and answer["decision"] == "review"


@pytest.mark.parametrize(("price", "volume"), [(124.99, 4_000), (125.0, 3_999)])
def test_a_little_less_is_no_pump(tape, price, volume):
    bars(30)
    assert hit(pumped(tape, price, volume), "Pump And Dump") is None


def test_a_volatile_symbol_may_rise_by_a_quarter(tape):
    bars(30)
    from transactions.models import MarketBar

    for place, bar in enumerate(MarketBar.objects.order_by("date")):
        bar.close_e8 = 10**10 if place % 2 else 11 * 10**9  # swings of 10%: three deviations are over 25%
        bar.save()
    answer = pumped(tape)
    assert hit(answer, "Pump And Dump") is None
    assert "Pump And Dump" not in answer["insufficient_data"]


def test_without_twenty_bars_there_is_no_usual(tape):
    bars(19)
    answer = pumped(tape)
    assert "Pump And Dump" in answer["insufficient_data"] and hit(answer, "Pump And Dump") is None


def dumped(tape, sold=1_000, last=118.0):
    tape.buy(0, "pumper", 100.0, 2_000)
    tape.buy(HOUR, "crowd", 130.0, 5_000)
    tape.sell(HOUR + 60, "pumper", 129.0, sold)
    return tape.sell(26 * HOUR, "crowd", last, 10)


def test_a_dump_confirms_a_pump_within_two_days(tape):
    bars(30)
    answer = dumped(tape)
    found = values(answer, "Pump And Dump")
    assert (found["pump_peak"], found["pump_rise"], found["pump_retraced"]) == (130.0, 0.3, 0.4)
    assert (found["dumper_bought"], found["dumper_sold"]) == (2_000.0, 1_000.0)
    assert (found["dumper_sold_share"], found["stage"], found["account"]) == (0.5, "confirmed", "pumper")
    assert found["dumper_volume_share"] == pytest.approx(3_000 / 8_010)
    assert hit(answer, "Pump And Dump")["confidence"] == 0.85
    assert events(answer, "Pump And Dump") == ["E1", "E3", "E4"]


def test_prices_that_no_float_holds_reach_their_thresholds_too(tape):
    bars(30, close=8.3)
    tape.buy(0, "pumper", 8.3, 1_000)
    answer = tape.buy(HOUR, "crowd", 10.375, 4_000)
    assert values(answer, "Pump And Dump")["price_change"] == 0.25
    assert values(answer, "Pump And Dump")["volume_over_usual"] == 5.0
    tape.sell(HOUR + 60, "pumper", 10.375, 1_000)
    found = values(tape.sell(26 * HOUR, "crowd", 9.545, 10), "Pump And Dump")
    assert (found["pump_retraced"], found["stage"]) == (0.4, "confirmed")


@pytest.mark.parametrize(("sold", "last"), [(999, 118.0), (1_000, 118.01)])
def test_a_little_less_confirms_nothing(tape, sold, last):
    bars(30)
    answer = dumped(tape, sold, last)
    assert hit(answer, "Pump And Dump") is None


# ---- Wash Trade


def test_one_owner_on_both_sides_is_a_wash_trade(tape):
    tape.buy(0, "A1", 10.0, 1_000, owner_group="G")
    answer = tape.sell(299, "A2", 10.01, 1_010, owner_group="G")
    found = values(answer, "Wash Trade")
    assert (found["wash_pairs_24h"], found["wash_share_24h"]) == (1, 1.0)
    assert hit(answer, "Wash Trade")["severity"] == "high"  # all of its own volume
    assert events(answer, "Wash Trade") == ["E1", "E2"]


@pytest.mark.parametrize(
    ("seconds", "price", "volume", "group"),
    [
        (300, 10.0, 1_000, "G"),
        (60, 10.02, 1_000, "G"),
        (60, 10.0, 1_011, "G"),
        (60, 10.0, 1_000, "other"),
    ],
)
def test_what_does_not_match_is_no_wash_trade(tape, seconds, price, volume, group):
    tape.buy(0, "A1", 10.0, 1_000, owner_group="G")
    answer = tape.sell(seconds, "A2", price, volume, owner_group=group)
    assert hit(answer, "Wash Trade") is None


def test_a_single_small_pair_is_medium_and_the_third_high(tape):
    tape.buy(0, "A1", 10.0, 100_000, owner_group="G")
    severities = []
    for n in range(3):
        tape.buy(600 * (n + 1), "A1", 10.0, 100, owner_group="G")
        answer = tape.sell(600 * (n + 1) + 10, "A2", 10.0, 100, owner_group="G")
        severities.append(hit(answer, "Wash Trade")["severity"])
    assert severities == ["medium", "medium", "high"]
    assert values(answer, "Wash Trade")["wash_pairs_24h"] == 3


def test_pairs_of_a_day_ago_count_no_more(tape):
    tape.buy(0, "A1", 10.0, 10_000, owner_group="G")
    for seconds in (60, 600, DAY + 60):
        tape.buy(seconds, "A1", 10.0, 100, owner_group="G")
        answer = tape.sell(seconds, "A2", 10.0, 100, owner_group="G")
    found = values(answer, "Wash Trade")
    assert (found["wash_pairs_24h"], found["wash_share_24h"]) == (2, 400 / 400)


def test_a_trade_belongs_to_one_pair(tape):
    tape.buy(0, "A1", 10.0, 100, owner_group="G")
    assert hit(tape.sell(1, "A2", 10.0, 100, owner_group="G"), "Wash Trade")
    assert hit(tape.sell(2, "A2", 10.0, 100, owner_group="G"), "Wash Trade") is None


def test_a_market_maker_who_trades_with_others_washes_nothing(tape):
    tape.send(0, "C1", 10.0, 5), tape.send(0, "C2", 10.0, 5)
    tape.buy(1, "MM", 10.0, 100, counterparty_id="C1")
    assert hit(tape.sell(2, "MM", 10.01, 100, counterparty_id="C2"), "Wash Trade") is None


def test_accounts_of_one_owner_that_name_each_other_wash_once(tape):
    tape.buy(0, "A1", 10.0, 100, owner_group="G", counterparty_id="A2")
    answer = tape.sell(0, "A2", 10.0, 100, owner_group="G", counterparty_id="A1")
    assert values(answer, "Wash Trade")["wash_pairs_24h"] == 1


def test_without_a_side_wash_trades_are_not_evaluable(tape):
    tape.send(0, "A1", 10.0, 100, owner_group="G")
    answer = tape.send(1, "A2", 10.0, 100, owner_group="G")
    assert {"Wash Trade", "Ramping", "Circular Trading"} <= set(answer["not_evaluable"])


# ---- Marking The Close


@pytest.fixture
def closing(payments_engine, client_system):
    return Tape(client_system, NEAR_CLOSE)


def marked(tape, price=101.0, volume=200, at=60, side="buy", before=100.0):
    if before:
        tape.send(-1_200, "crowd", before, 1_000)
    tape.send(30, "crowd", 100.0, 800)
    return tape.send(at, "M", price, volume, side=side)


def test_a_close_marked_in_favour_of_the_own_position(closing):
    answer = marked(closing)
    found = values(answer, "Marking The Close")
    assert (found["close_own_share"], found["close_price_move"]) == (0.2, 0.01)
    assert (found["close_vwap_before"], found["close_trades_before"]) == (100.0, 1)
    assert events(answer, "Marking The Close") == ["E3"]


@pytest.mark.parametrize(("before", "price"), [(10.0, 10.1), (10.3, 10.403)])
def test_a_hundredth_is_one_of_every_price(closing, before, price):
    assert (
        values(marked(closing, price=price, before=before), "Marking The Close")["close_price_move"] == 0.01
    )


@pytest.mark.parametrize(
    "changed", [{"price": 100.99}, {"volume": 199}, {"at": 601}, {"at": -1}, {"side": "sell"}]
)
def test_what_does_not_mark_the_close(closing, changed):
    assert hit(marked(closing, **changed), "Marking The Close") is None


def test_selling_marks_the_close_of_who_is_short(closing):
    assert hit(marked(closing, price=99.0, side="sell"), "Marking The Close")


def test_a_long_position_is_not_served_by_a_falling_price(closing):
    closing.buy(-DAY, "M", 100.0, 5_000)
    assert hit(marked(closing, price=99.0, side="sell"), "Marking The Close") is None


def test_without_trades_before_or_a_side_the_close_cannot_be_judged(closing):
    assert "Marking The Close" in marked(closing, before=None)["insufficient_data"]
    closing.send(-1_200, "crowd", 100.0, 1_000)
    assert "Marking The Close" in closing.send(70, "N", 103.0, 900)["not_evaluable"]


# ---- Ramping


def ramped(tape, trades=5, step=0.5, crowd=1_500, back=250, after=60):
    tape.send(0, "crowd", 100.0, crowd)
    for n in range(trades):
        tape.buy(60 * (n + 1), "R", 100.0 + step * n, 100)
    return tape.sell(60 * trades + after, "R", 101.0, back)


def test_a_ramp_and_its_reversal(tape):
    answer = ramped(tape)
    found = values(answer, "Ramping")
    assert (found["ramp_trades"], found["ramp_volume_share"]) == (5, 0.25)
    assert (found["ramp_move"], found["ramp_reversed_share"]) == (0.02, 0.5)
    assert events(answer, "Ramping") == ["E2", "E3", "E4", "E5", "E6", "E7"]


@pytest.mark.parametrize(
    "changed",
    [{"trades": 4, "step": 0.7}, {"step": 0.49}, {"crowd": 1_501}, {"back": 249}, {"after": 3_600}],
)
def test_what_is_not_quite_a_ramp(tape, changed):
    assert hit(ramped(tape, **changed), "Ramping") is None


# ---- Circular Trading


def circled(tape, volumes=(1_000, 1_000, 905), others=100, names=("A", "B", "C")):
    tape.send(0, "crowd", 10.0, others)
    answer = None
    for n, volume in enumerate(volumes):
        answer = tape.sell(n + 1, names[n], 10.0, volume, counterparty_id=names[(n + 1) % len(names)])
    return answer


def test_accounts_that_sell_round_in_a_circle(tape):
    answer = circled(tape)
    found = values(answer, "Circular Trading")
    assert found["loop_accounts"] == 3 and found["loop_net_share"] == round(95 / 1905, 6)
    assert found["loop_volume_share"] == pytest.approx(2905 / 3005)
    assert sorted(found["accounts"]) == ["A", "B", "C"]
    assert events(answer, "Circular Trading") == ["E2", "E3", "E4"]


@pytest.mark.parametrize(
    "changed",
    [
        {"volumes": (1_000, 1_000, 900)},
        {"others": 26_146},
        {"names": ("A", "B"), "volumes": (1_000, 1_000)},
        {"names": ("A", "B", "A")},
        {"volumes": (1_000, 1_000)},
    ],
)
def test_what_does_not_close_a_circle(tape, changed):
    assert hit(circled(tape, **changed), "Circular Trading") is None


def test_a_circle_closes_within_a_day(tape):
    tape.sell(0, "A", 10.0, 1_000, counterparty_id="B")
    tape.sell(1, "B", 10.0, 1_000, counterparty_id="C")
    assert hit(tape.sell(DAY, "C", 10.0, 1_000, counterparty_id="A"), "Circular Trading") is None


# ---- Price Spike


def test_a_price_spike_is_context_only(tape):
    tape.send(0, "A", 100.0, 10)
    answer = tape.send(299, "B", 110.0, 10)
    assert values(answer, "Price Spike")["rise_5m"] == 0.1
    assert answer["manipulation_risk"] == 0.0
    assert events(answer, "Price Spike") == ["E2", "E1"]


@pytest.mark.parametrize(("before", "price"), [(5.2, 5.72), (5.5, 6.05), (5.5, 4.95), (0.7, 0.63)])
def test_a_tenth_is_one_of_every_price(tape, before, price):
    tape.buy(0, "A", before, 10)
    assert hit(tape.buy(60, "B", price, 10), "Price Spike")


@pytest.mark.parametrize(("seconds", "price"), [(299, 109.99), (300, 110.0)])
def test_a_smaller_or_slower_move_is_no_spike(tape, seconds, price):
    tape.send(0, "A", 100.0, 10)
    assert hit(tape.send(seconds, "B", price, 10), "Price Spike") is None


def test_a_spike_needs_an_earlier_trade(tape):
    assert "Price Spike" in tape.send(0, "A", 100.0, 10)["insufficient_data"]
