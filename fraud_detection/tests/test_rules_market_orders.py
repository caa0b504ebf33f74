"""Market rules about orders: a history that just fires, one that just does not, one that lacks data."""

import pytest

from fraud_detection.tests.market_events import Tape, events, hit, values

pytestmark = pytest.mark.django_db


@pytest.fixture
def tape(payments_engine, client_system):
    return Tape(client_system)


# ---- Spoofing


def usual_orders(tape, count=5, owner="S"):
    for n in range(count):
        tape.order(n, owner, 10.0, 100, f"usual{n}", side_depth=10_000)


def spoof(tape, n, volume=2_000, cancelled=None, filled=3, withdrawn=10, depth=10_000):
    start = 100 * (n + 1)
    tape.order(start, "S", 10.0, volume, f"big{n}", side_depth=depth)
    tape.sell(start + filled, "S", 10.0, 50, counterparty_id="victim")
    return tape.cancel(start + withdrawn, "S", 10.0, cancelled or volume, f"big{n}")


def test_three_spoofed_orders_in_a_session(tape):
    usual_orders(tape)
    answers = [spoof(tape, n) for n in range(3)]
    assert [bool(hit(answer, "Spoofing")) for answer in answers] == [False, False, True]
    found = values(answers[2], "Spoofing")
    assert (found["spoofs_session"], found["spoofed_over_usual"]) == (3, 20.0)
    assert (found["spoofed_depth_share"], found["spoofed_cancelled_share"]) == (0.2, 1.0)
    assert events(answers[2], "Spoofing") == ["E6", "E8", "E9", "E11", "E12", "E14"]


@pytest.mark.parametrize(
    "last",
    [
        {"volume": 499, "depth": 2_000},
        {"volume": 1_999},
        {"cancelled": 1_799},
        {"filled": 6},
        {"withdrawn": 10.1},
    ],
)
def test_a_third_order_that_is_not_quite_spoofed(tape, last):
    usual_orders(tape)
    spoof(tape, 0), spoof(tape, 1)
    answer = spoof(tape, 2, **last)
    assert hit(answer, "Spoofing") is None
    assert "Spoofing" not in answer["not_evaluable"] + answer["insufficient_data"]


def test_a_fill_after_the_cancel_completes_a_spoofed_order(tape):
    usual_orders(tape)
    spoof(tape, 0), spoof(tape, 1)
    tape.order(300, "S", 10.0, 2_000, "last", side_depth=10_000)
    assert hit(tape.cancel(302, "S", 10.0, 1_800, "last"), "Spoofing") is None
    answer = tape.sell(305, "S", 10.0, 50)
    assert values(answer, "Spoofing")["spoofed_cancelled_share"] == 0.9


def test_spoofing_with_few_earlier_orders_or_none(tape):
    answer = tape.order(0, "S", 10.0, 100, "first", side_depth=1_000)
    assert "Spoofing" in answer["insufficient_data"]
    answer = tape.sell(1, "nobody", 10.0, 50)
    assert {"Spoofing", "Layering", "Abusive Cancellation"} <= set(answer["not_evaluable"])


def test_without_the_depth_spoofing_is_not_evaluable(tape):
    usual_orders(tape)
    assert "Spoofing" in spoof(tape, 0, depth=None)["not_evaluable"]


# ---- Layering


def layered(tape, levels=(10.0, 9.99, 9.98), size=100, filled=100, cancels=(80, 80, 80), after=30):
    for n, price in enumerate(levels):
        tape.order(20 * n, "L", price, size, f"layer{n}")
    tape.sell(45, "L", 10.0, filled)
    answer = None
    for n, volume in enumerate(cancels):
        answer = tape.cancel(45 + after - 0.001 * (len(cancels) - n), "L", levels[n], volume, f"layer{n}")
    return answer


def test_layers_that_vanish_after_the_opposite_fill(tape):
    answer = layered(tape)
    found = values(answer, "Layering")
    assert (found["layer_orders"], found["layer_levels"]) == (3, 3)
    assert (found["layer_over_fill"], found["layer_cancelled_share"]) == (3.0, 0.8)
    assert events(answer, "Layering") == ["E1", "E2", "E3", "E4", "E5", "E6", "E7"]
    assert answer["insufficient_data"] == ["Spoofing"]  # for want of earlier orders


@pytest.mark.parametrize(
    "changed",
    [
        {"levels": (10.0, 9.99, 9.99)},
        {"levels": (10.0, 9.99), "size": 150, "cancels": (150, 150)},
        {"filled": 101},
        {"cancels": (80, 80, 79)},
        {"after": 30.1},
    ],
)
def test_what_is_not_quite_layering(tape, changed):
    answer = layered(tape, **changed)
    assert hit(answer, "Layering") is None and "Layering" not in answer["not_evaluable"]


# ---- Abusive Cancellation


def cancelled(tape, orders=50, cancels=48, spread=60):
    last = spread * orders - 1

    def sent(n, event):
        return {"event": event, "order_id": f"q{n}"}

    tape.store((spread * n, "Q", 10.0, 100, sent(n, "order")) for n in range(orders))
    tape.store((last, "Q", 10.0, 100, sent(n, "cancel")) for n in range(cancels - 1))
    return tape.cancel(last, "Q", 10.0, 100, f"q{cancels - 1}")


def test_nearly_all_of_fifty_orders_cancelled(tape):
    answer = cancelled(tape)
    found = values(answer, "Abusive Cancellation")
    assert (found["trader_orders_1h"], found["trader_cancelled_share_1h"]) == (50, 0.96)
    assert len(events(answer, "Abusive Cancellation")) == 50


@pytest.mark.parametrize("changed", [{"orders": 49, "cancels": 49}, {"cancels": 47}, {"spread": 75}])
def test_fewer_orders_or_cancels_are_no_abuse(tape, changed):
    assert hit(cancelled(tape, **changed), "Abusive Cancellation") is None
