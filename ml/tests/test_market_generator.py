"""The generated week of trading: coherent, the same for one seed, with every scheme in it."""

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest

from ml.data_generation.manipulation import SCHEMES
from ml.domains.market.baseline import Bar, baseline
from ml.domains.market.calendar import calendar_of
from ml.domains.market.generator import generate_week
from ml.domains.market.loops import best_loop
from ml.domains.market.schema import parse
from ml.domains.market.settings import SETTINGS

NOW = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def week():
    return generate_week(seed=2, scale=0.3)


def test_records_are_taken_by_the_engine_in_order_of_time(week):
    parsed = [parse(event.record, now=NOW) for event in week]
    assert len({values["event_id"] for values in parsed}) == len(parsed)
    times = [values["occurred_at"] for values in parsed]
    assert times == sorted(times)
    calendar = calendar_of(SETTINGS, None)
    sessions = {day: calendar.session(day) for day in {calendar.day_of(at) for at in times}}
    assert None not in sessions.values()


def test_every_scheme_is_planted_and_counted(week):
    found = Counter(event.scheme for event in {event.instance: event for event in week}.values())
    assert set(found) == {"", *SCHEMES}
    assert all(event.instance.startswith(event.scheme) for event in week)
    ordinary = [event for event in week if not event.scheme and not event.warmup]
    assert 1_000 < len(ordinary) < 3_000


def test_one_seed_gives_one_week(week):
    again = generate_week(seed=2, scale=0.3)
    assert [event.record for event in again] == [event.record for event in week]
    other = generate_week(seed=3, scale=0.3)
    assert [event.record for event in other] != [event.record for event in week]


def test_a_cancel_names_an_order_that_came_before(week):
    orders = set()
    for event in week:
        record = event.record
        if record["event"] == "order":
            orders.add(record["order_id"])
        elif record["event"] == "cancel":
            assert record["order_id"] in orders


def test_the_baseline_takes_thirty_bars_and_twenty_returns():
    days = np.arange("2025-01-01", "2025-03-01", dtype="datetime64[D]").astype(object)[::-1]
    bars = [Bar(day, 100 + place % 2, place + 1) for place, day in enumerate(days)]
    found = baseline(bars)
    assert (found.count, found.volume, found.close, found.returns) == (30, sum(range(1, 31)), 100, 20)
    assert found.returns_sum == 10 * (round(1e6 / 100) + round(-1e6 / 101))
    assert baseline([]) == (0, 0, None, 0, 0, 0)


def test_the_larger_of_two_even_loops_is_the_loop():
    flows = {1: {2: 1_000}, 2: {3: 990, 4: 1_000, 1: 1_000}, 3: {1: 1_000}, 4: {5: 1_000}, 5: {1: 1_000}}
    loop = best_loop(flows, 1, 2, most_accounts=6, uneven=0.2)
    assert (loop.accounts, loop.volume, loop.net) == ((1, 2, 4, 5), 4_000, 0)
    assert best_loop(flows, 1, 2, most_accounts=3, uneven=0.2).accounts == (1, 2, 3)
    assert best_loop({1: {2: 5}, 2: {1: 5}}, 1, 2, most_accounts=6, uneven=0.2) is None
    assert best_loop({1: {1: 5}}, 1, 1, most_accounts=6, uneven=0.2) is None
