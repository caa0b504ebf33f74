"""Simulated traffic: every domain's events are taken, schemes are planted as asked, the rate is held."""

import threading
from datetime import UTC, datetime

import pytest

from fraud_detection.engines.registry import ENGINES
from fraud_detection.services.announcing import Decided
from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.simulating.catching import caught
from fraud_detection.services.simulating.pacing import TokenBucket
from fraud_detection.services.simulating.running import send_at
from fraud_detection.services.simulating.scenarios import (
    ScenarioUnknown,
    engine_of,
    scenarios,
    script,
)
from fraud_detection.services.sources import decide_events
from fraud_detection.services.sources.registry import SOURCES
from fraud_detection.services.streaming.envelope import time_field

NOW = datetime(2026, 3, 18, 15, 0, tzinfo=UTC)
ENGINE_NAMES = ("payments", "aml", "credit", "insurance", "market")


def made(engine, scenario="everyday", events=300, fraud_rate=0.05, seed=5):
    return script(engine, scenario=scenario, events=events, fraud_rate=fraud_rate, seed=seed, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("engine", ENGINE_NAMES)
def test_every_domain_takes_its_traffic(engine, payments_engine, client_system):
    planned = made(engine)
    sample = [event for event in planned.events if event.scheme][:8] + planned.events[:8]
    records = [event.record for event in sample]
    if engine in SOURCES:
        results = decide_events(engine, records, client=client_system, quiet=True)
    else:
        results = decide_payments(records, client=client_system, engine=engine, quiet=True)
    assert [str(one) for one in results if not isinstance(one, Decided)] == []
    counted = caught(engine, sample, client_system)
    assert counted.decided == len({event.record[ENGINES[engine].id_field] for event in sample})


@pytest.mark.parametrize("engine", ENGINE_NAMES)
def test_events_come_in_order_end_now_and_hold_the_share_of_schemes(engine):
    planned = made(engine, fraud_rate=0.1)
    moments = [datetime.fromisoformat(event.record[time_field(engine)]) for event in planned.events]
    assert moments == sorted(moments) and (NOW - moments[-1]).days < 14 and moments[-1] <= NOW
    share = sum(bool(event.scheme) for event in planned.events) / len(planned.events)
    assert 0.02 < share < 0.2
    ids = [event.record[ENGINES[engine].id_field] for event in planned.history + planned.events]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(("engine", "scenario"), [("payments", "velocity"), ("credit", "identity_ring")])
def test_a_scenario_plants_its_scheme_alone_and_none_without_a_rate(engine, scenario):
    planted = {event.scheme for event in made(engine, scenario).events}
    assert {name.replace(" ", "_") for name in planted} == {"", scenario}
    assert {event.scheme for event in made(engine, scenario, fraud_rate=0).events} == {""}


@pytest.mark.parametrize("scenario", ["spoofing", "marking_the_close"])
def test_a_short_run_plants_a_scheme_that_comes_late_in_its_week(scenario):
    planned = made("market", scenario)
    assert {event.scheme for event in planned.events} == {"", scenario} and len(planned.events) <= 300
    moments = [datetime.fromisoformat(event.record["occurred_at"]) for event in planned.events]
    assert moments == sorted(moments) and moments[-1] <= NOW
    assert not any(event.scheme for event in planned.history)


def test_the_same_seed_gives_the_same_traffic_and_another_one_other_customers():
    one, same, other = made("payments"), made("payments"), made("payments", seed=6)
    assert [event.record for event in one.events] == [event.record for event in same.events]
    names = {event.record["sender_id"] for event in one.events}
    assert not names & {event.record["sender_id"] for event in other.events}


def test_a_scenario_names_its_engine_and_an_unknown_one_is_refused():
    assert engine_of("spoofing", None) == "market"
    assert engine_of("everyday", None) == "payments"
    with pytest.raises(ScenarioUnknown, match="aml has no scenario 'spoofing': use everyday, structuring"):
        engine_of("spoofing", "aml")
    assert set(scenarios()) == set(ENGINE_NAMES)


def test_a_bucket_holds_its_rate_and_bounds_what_it_catches_up():
    now = [0.0]
    bucket = TokenBucket(50, clock=lambda: now[0])
    assert bucket.take(100) == 0
    taken = 0
    for tick in range(1, 501):
        now[0] = tick * 0.02
        taken += bucket.take(100)
    assert taken == 500
    now[0] += 60
    assert bucket.take(100) == 25


def test_sending_keeps_the_order_and_stops_when_asked():
    class Kept:
        def __init__(self):
            self.records = []

        def send(self, engine, records):
            self.records += records
            if len(self.records) >= 40:
                stop.set()

    stop, kept, planned = threading.Event(), Kept(), made("payments", events=100)
    sent = send_at(planned, kept, rate=5_000, stop=stop)
    assert 40 <= sent.events <= 100
    assert kept.records == [event.record for event in planned.events[: sent.events]]
