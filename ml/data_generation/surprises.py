"""Honest events that look like fraud: sprees, micro-payments, shared cards, collecting for others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.data_generation.habits import bought, moments, own_device, repeated
from ml.data_generation.population import CATEGORIES, Accounts, Population
from ml.data_generation.traffic import DAY, HOUR, TRANSFER, events, minor


def sprees(rng, people: Population, start: int, days: int, accounts: Accounts) -> pd.DataFrame:
    """Five to ten purchases online within an hour or so, once in a while."""
    return _burst(rng, people, start, days, accounts, rate=0.0015, least=5, most=11, cheap=False)


def micro_payments(rng, people: Population, start: int, days: int, accounts: Accounts) -> pd.DataFrame:
    """Many tiny purchases in a row: games, fares, vending machines."""
    return _burst(rng, people, start, days, accounts, rate=0.002, least=3, most=9, cheap=True)


def _burst(rng, people, start, days, accounts, *, rate, least, most, cheap) -> pd.DataFrame:
    who = repeated(rng, np.full(len(people), rate), days)
    begins = moments(rng, people, who, start, days)
    incident = np.repeat(np.arange(len(who)), rng.integers(least, most, len(who)))
    at = begins[incident] + rng.integers(0, HOUR, len(incident))
    shops = people.merchants
    tiny = np.isin(CATEGORIES[shops.category], ("digital_goods", "transport", "vending"))
    choices = np.flatnonzero(shops.online & (tiny if cheap else ~tiny))
    stalls = rng.choice(choices, size=(len(who), 3))
    merchant = stalls[incident, rng.integers(0, 3, len(incident))]
    return bought(rng, people, accounts, customer=who[incident], at=at, merchant=merchant)


def shared_cards(rng, people: Population, start: int, days: int, accounts: Accounts) -> pd.DataFrame:
    """A relative pays in another country with the customer's second card."""
    who = repeated(rng, np.full(len(people), 0.0008), days)
    incident = np.repeat(np.arange(len(who)), rng.integers(1, 5, len(who)))
    at = moments(rng, people, who, start, days)[incident] + rng.integers(0, 2 * DAY, len(incident))
    customer = who[incident]
    shops = people.merchants
    merchant = np.full(len(customer), -1)
    for city in np.unique(people.away[customer]):
        there = people.away[customer] == city
        near = np.flatnonzero((shops.city == city) & ~shops.online)
        choices = near if len(near) else np.flatnonzero(~shops.online)
        merchant[there] = rng.choice(choices, size=int(there.sum()))
    table = bought(rng, people, accounts, customer=customer, at=at, merchant=merchant)
    return table.assign(city=people.away[customer])


def collections(rng, people: Population, start: int, days: int, accounts: Accounts) -> pd.DataFrame:
    """Friends send money for a trip or a flat; the collector pays it on within two days."""
    who = repeated(rng, np.full(len(people), 0.0012), days)
    begins = moments(rng, people, who, start, days)
    incident = np.repeat(np.arange(len(who)), rng.integers(1, 5, len(who)))
    each = minor(np.rint(rng.lognormal(5.4, 0.8, len(who))))
    giver = rng.integers(0, len(people), len(incident))
    giver = np.where(giver == who[incident], (giver + 1) % len(people), giver)
    at = begins[incident] + rng.integers(0, DAY, len(incident))
    gifts = events(
        at=at,
        type=TRANSFER,
        amount=each[incident],
        sender=giver,
        receiver=who[incident],
        **own_device(rng, people, giver, at),
    )
    total = np.bincount(incident, weights=each[incident], minlength=len(who))
    paid_at = begins + DAY + rng.integers(0, DAY, len(who))
    paid = events(
        at=paid_at,
        type=TRANSFER,
        amount=(total * rng.uniform(0.85, 1.15, len(who))).astype(np.int64),
        sender=who,
        receiver=accounts.of("outside", rng.integers(0, 1 << 30, len(who))),
        **own_device(rng, people, who, paid_at),
    )
    return pd.concat([gifts, paid])


def surprises(rng, people: Population, start: int, days: int, accounts: Accounts) -> list[pd.DataFrame]:
    """All honest events that resemble a scheme, unsorted."""
    return [
        make(rng, people, start, days, accounts)
        for make in (sprees, micro_payments, shared_cards, collections)
    ]
