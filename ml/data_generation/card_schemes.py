"""Planted card fraud: testing of stolen numbers, bursts with a stolen card, use in two places at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.data_generation.habits import address
from ml.data_generation.places import elsewhere
from ml.data_generation.population import STRANGERS, Accounts, Population
from ml.data_generation.traffic import (
    ATM,
    CARD_TESTING,
    CASH_OUT,
    DAY,
    HOUR,
    MOBILE,
    PAYMENT,
    POS,
    TRAVEL,
    VELOCITY,
    WEB,
    events,
    minor,
)


def incidents(rng, target: float, least: int, most: int) -> np.ndarray:
    """Incident number of every event, sizes in [least, most), about `target` events in all."""
    sizes = rng.integers(least, most, size=int(target / least) + 2)
    count = int(np.searchsorted(np.cumsum(sizes), target)) + 1 if target >= 1 else 0
    return np.repeat(np.arange(count), sizes[:count])


def count_of(incident: np.ndarray) -> int:
    return int(incident[-1]) + 1 if len(incident) else 0


def stranger(rng, people: Population, victim: np.ndarray, incident: np.ndarray, series: int) -> dict:
    """device, ip, ip_city and channel of an offender; one device and address an incident."""
    count = count_of(incident)
    first = np.searchsorted(incident, incident)
    home = people.home[victim][first]
    foreign = (rng.random(count) < 0.35)[incident]
    away = elsewhere(rng, home)[first]
    city = np.where(foreign, away, home)
    carrier = (rng.random(count) < 0.4)[incident]
    number = STRANGERS + series * (1 << 20) + incident
    return {
        "device": number,
        "ip": address(rng, city, number, carrier),
        "ip_city": city,
        "channel": np.where((rng.random(count) < 0.4)[incident], MOBILE, WEB),
    }


def card_testing(rng, people: Population, start: int, days: int, accounts: Accounts, target) -> pd.DataFrame:
    """Tiny online payments with many cards at one merchant, from one or a few devices, within an hour."""
    incident = incidents(rng, target, 6, 24)
    count = count_of(incident)
    cards = rng.integers(0, len(people), size=(count, 14))
    victim = cards[incident, rng.integers(0, 14, len(incident))]
    shops = people.merchants
    merchant = rng.choice(np.flatnonzero(shops.online), size=count)[incident]
    offender = stranger(rng, people, victim, incident, series=1)
    rotated = (rng.random(count) < 0.3)[incident]
    offender["device"] += np.where(rotated, rng.integers(0, 3, len(incident)) << 18, 0)
    hidden = (rng.random(count) < 0.25)[incident]
    offender["device"] = np.where(hidden, -1, offender["device"])
    spacing = rng.choice([0.4, 1.0, 5.0], size=count)[incident]
    return events(
        at=_begin(rng, count, start, days)[incident]
        + (rng.random(len(incident)) * spacing * HOUR).astype(int),
        amount=minor(rng.lognormal(0.4, 0.7, len(incident)).clip(0.3, 12.0)),
        sender=victim,
        receiver=accounts.of("merchant", merchant),
        merchant=merchant,
        card=victim,
        city=people.home[victim],
        scheme=CARD_TESTING,
        **offender,
    )


def velocity(rng, people: Population, start: int, days: int, accounts: Accounts, target) -> pd.DataFrame:
    """A stolen card used again and again online within hours."""
    incident = incidents(rng, target, 4, 15)
    count = count_of(incident)
    victim = rng.integers(0, len(people), count)[incident]
    shops = people.merchants
    stalls = rng.choice(np.flatnonzero(shops.online), size=(count, 3))
    merchant = stalls[incident, rng.integers(0, 3, len(incident))]
    offender = stranger(rng, people, victim, incident, series=2)
    hidden = (rng.random(count) < 0.3)[incident]
    offender["device"] = np.where(hidden, -1, offender["device"])
    hours = rng.choice([0.8, 2.0, 8.0], size=count)[incident]
    level = shops.median[merchant] * rng.uniform(0.8, 3.5, count)[incident]
    return events(
        at=_begin(rng, count, start, days)[incident] + (rng.random(len(incident)) * hours * HOUR).astype(int),
        amount=minor((level * rng.lognormal(0.0, 0.6, len(incident))).clip(2.0)),
        sender=victim,
        receiver=accounts.of("merchant", merchant),
        merchant=merchant,
        card=victim,
        city=people.home[victim],
        scheme=VELOCITY,
        **offender,
    )


def travel(rng, people: Population, genuine: pd.DataFrame, accounts: Accounts, target) -> pd.DataFrame:
    """A copied card used in a shop or cash machine abroad, soon after its owner used it at home."""
    incident = incidents(rng, target, 1, 5)
    count = count_of(incident)
    present = genuine[genuine["channel"].to_numpy() == POS]
    seen = present.iloc[rng.integers(0, len(present), count)]
    victim = seen["sender"].to_numpy()[incident]
    city = elsewhere(rng, seen["city"].to_numpy())[incident]
    shops = people.merchants
    merchant = _physical(rng, people, city)
    machine = rng.random(len(incident)) < 0.35
    level = shops.median[merchant] * rng.uniform(0.8, 4.0, len(incident))
    cash = 10.0 * rng.integers(8, 50, len(incident))
    delay = rng.uniform(0.5, 9.0, count)[incident] + rng.uniform(0.0, 3.0, len(incident))
    return events(
        at=seen["at"].to_numpy()[incident] + (delay * HOUR).astype(np.int64),
        type=np.where(machine, CASH_OUT, PAYMENT),
        amount=minor(np.where(machine, cash, level * rng.lognormal(0.0, 0.5, len(incident)))),
        sender=victim,
        receiver=np.where(machine, accounts.of("cash", city), accounts.of("merchant", merchant)),
        merchant=np.where(machine, -1, merchant),
        card=victim,
        channel=np.where(machine, ATM, POS),
        city=city,
        located=1,
        scheme=TRAVEL,
    )


def _physical(rng, people: Population, city: np.ndarray) -> np.ndarray:
    """A shop of each city; any shop where the city has none."""
    shops = people.merchants
    merchant = np.full(len(city), -1)
    for here in np.unique(city):
        near = np.flatnonzero((shops.city == here) & ~shops.online)
        choices = near if len(near) else np.flatnonzero(~shops.online)
        merchant[city == here] = rng.choice(choices, size=int((city == here).sum()))
    return merchant


def _begin(rng, count: int, start: int, days: int) -> np.ndarray:
    return start + rng.integers(2 * DAY, max(days - 1, 3) * DAY, size=count)
