"""Planted account fraud, which needs balances: takeovers and scams that drain into mule accounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.data_generation.card_schemes import stranger
from ml.data_generation.habits import own_device
from ml.data_generation.ledger import Ledger
from ml.data_generation.population import Accounts, Population
from ml.data_generation.traffic import (
    API,
    ATM,
    BRANCH,
    CASH_OUT,
    DAY,
    HONEST,
    HOUR,
    MULE,
    TAKEOVER,
    TRANSFER,
    events,
)

LEAST_BALANCE = 15_000


@dataclass(frozen=True)
class Drains:
    """One row per drained account: who, when, how much, and when the money is given back."""

    victim: np.ndarray
    at: np.ndarray
    total: np.ndarray
    until: np.ndarray

    def __len__(self) -> int:
        return len(self.victim)

    def blocks(self, table: pd.DataFrame) -> np.ndarray:
        """True for what the victim would have paid between the drain and the reimbursement."""
        sender, at = table["sender"].to_numpy(), table["at"].to_numpy()
        begin = np.full(max(int(sender.max()), int(self.victim.max(initial=0))) + 1, 1 << 61)
        end = np.zeros(len(begin), dtype=np.int64)
        begin[self.victim], end[self.victim] = self.at, self.until
        return (at >= begin[sender]) & (at < end[sender])

    def reimbursed(self, people: Population, payer: np.ndarray) -> pd.DataFrame:
        return events(
            at=self.until,
            type=TRANSFER,
            amount=self.total,
            sender=payer,
            receiver=self.victim,
            channel=API,
            city=people.home[self.victim],
        )


def drains(rng, people: Population, ledger: Ledger, victim: np.ndarray, at: np.ndarray) -> Drains:
    """Plan what is taken of each balance: nearly all of it, or a good part; poor accounts are left out."""
    balance = ledger.balance_at(victim, at)
    everything = rng.random(len(victim)) < 0.45
    share = np.where(everything, rng.uniform(0.95, 1.0, len(victim)), rng.uniform(0.25, 0.9, len(victim)))
    total = (balance * share).astype(np.int64)
    until = at + rng.integers(2 * DAY, 6 * DAY, len(victim))
    worth = (balance >= LEAST_BALANCE) & (people.joined_at[victim] + 2 * DAY < at)
    return Drains(victim[worth], at[worth], total[worth], until[worth])


def parts(rng, total: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Split each total into one to `most` parts: (row of each part, amount); parts sum to the total."""
    size = rng.integers(1, most + 1, len(total))
    row = np.repeat(np.arange(len(total)), size)
    weight = rng.uniform(0.3, 1.0, len(row))
    amount = (total[row] * weight / np.bincount(row, weights=weight)[row]).astype(np.int64)
    step = np.where(amount >= 20_000, 1_000, 1)
    amount = np.maximum(amount // step * step, 1)
    last = np.flatnonzero(np.diff(row, append=-1))
    rest = total - np.bincount(row, weights=amount).astype(np.int64)
    amount[last] += rest
    return row, amount


def rings(rng, people: Population, ledger: Ledger, accounts: Accounts, start: int, days: int, target: float):
    """Takeovers and scams that end in mule accounts: (events, drains); about `target` fraud events."""
    count = max(round(target / 3.1), 1) if target >= 1 else 0
    count = min(count, len(people) // 3)
    victim = rng.permutation(len(people))[:count]
    ring = np.arange(count) // 2
    begin = start + rng.integers(4 * DAY, max(days - 3, 5) * DAY, count)[ring]
    plan = drains(rng, people, ledger, victim, begin + rng.integers(0, DAY, count))
    chosen = np.isin(victim, plan.victim)
    mule = _mules(rng, people, begin, count)[ring][chosen]
    to_mule = rng.random(len(plan)) < 0.7
    scam = rng.random(len(plan)) < 0.25
    table, last = _taken(rng, people, accounts, plan, np.where(to_mule, mule, -1), scam)
    passed = _passed_on(rng, people, accounts, mule[to_mule], plan.total[to_mule], last[to_mule])
    payer = accounts.of("bank", np.zeros(len(plan), dtype=np.int64))
    return pd.concat([table, passed, plan.reimbursed(people, payer)]), plan


def _mules(rng, people: Population, begin: np.ndarray, count: int) -> np.ndarray:
    """Recruited customers; half of them have joined only lately, if anyone has."""
    anyone = rng.integers(0, len(people), count)
    fresh = np.flatnonzero(people.joined_at > people.joined_at.min())
    if len(fresh) == 0:
        return anyone
    lately = fresh[rng.integers(0, len(fresh), count)]
    suits = (rng.random(count) < 0.5) & (people.joined_at[lately] < begin)
    return np.where(suits, lately, anyone)


def _taken(rng, people, accounts: Accounts, plan: Drains, mule: np.ndarray, scam: np.ndarray):
    """The transfers out of the drained accounts, and the time of the last one for each account."""
    row, amount = parts(rng, plan.total, 3)
    at = plan.at[row] + _sequence(rng, row, 2.0)
    victim = plan.victim[row]
    mule = np.where(mule == plan.victim, -1, mule)
    outside = accounts.of("outside", rng.integers(0, 1 << 30, len(plan)))
    receiver = np.where(mule >= 0, mule, outside)[row]
    offender = stranger(rng, people, victim, row, series=3)
    own = own_device(rng, people, victim, at)
    remote = scam | (rng.random(len(plan)) < 0.2)
    hands = {name: np.where(remote[row], own[name], value) for name, value in offender.items()}
    table = events(
        at=at,
        type=TRANSFER,
        amount=amount,
        sender=victim,
        receiver=receiver,
        city=np.where(remote[row], own["city"], people.home[victim]),
        located=np.where(remote[row], own["located"], 0),
        scheme=np.where(scam[row], MULE, TAKEOVER),
        **hands,
    )
    last = plan.at.copy()
    np.maximum.at(last, row, at)
    return table, last


def _passed_on(rng, people, accounts: Accounts, mule: np.ndarray, total: np.ndarray, last: np.ndarray):
    """What leaves a mule account after money came in: cash, or transfers to the outside."""
    row, amount = parts(rng, (total * rng.uniform(0.8, 1.0, len(total))).astype(np.int64), 3)
    lag = (rng.exponential(9.0, len(total)) + 0.2).clip(0.2, 40.0)
    at = last[row] + (lag[row] * HOUR).astype(np.int64) + _sequence(rng, row, 6.0)
    sender = mule[row]
    cash = rng.random(len(row)) < 0.35
    own = own_device(rng, people, sender, at)
    machine = cash & (amount >= 2_000) & (amount <= 100_000)
    amount = np.where(machine, amount // 1_000 * 1_000, amount)
    own["channel"] = np.select([machine, cash], [ATM, BRANCH], own["channel"])
    own["located"] = np.where(cash, 1, own["located"])
    for name in ("device", "ip", "ip_city"):
        own[name] = np.where(cash, -1, own[name])
    outside = accounts.of("outside", rng.integers(0, 1 << 30, len(total)))[row]
    return events(
        at=at,
        type=np.where(cash, CASH_OUT, TRANSFER),
        amount=amount,
        sender=sender,
        receiver=np.where(cash, accounts.of("cash", own["city"]), outside),
        card=np.where(machine, sender, -1),
        scheme=MULE,
        **own,
    )


def sweeps(rng, people: Population, ledger: Ledger, accounts: Accounts, start: int, days: int, taken):
    """Honest drains: customers who empty their account to a savings account and take it back later."""
    free = np.setdiff1d(np.arange(len(people)), taken)
    victim = rng.permutation(free)[: int(len(people) * days * 0.0006)]
    begin = start + rng.integers(4 * DAY, max(days - 3, 5) * DAY, len(victim))
    plan = drains(rng, people, ledger, victim, begin)
    saved = accounts.of("savings", plan.victim)
    moved = events(
        at=plan.at,
        type=TRANSFER,
        amount=plan.total,
        sender=plan.victim,
        receiver=saved,
        scheme=HONEST,
        **own_device(rng, people, plan.victim, plan.at),
    )
    return pd.concat([moved, plan.reimbursed(people, saved)]), plan


def _sequence(rng, row: np.ndarray, hours: float) -> np.ndarray:
    """Growing offsets in microseconds inside each row's parts, the first one zero."""
    step = rng.exponential(hours / 3, len(row)) * HOUR
    first = np.flatnonzero(np.diff(row, prepend=-1))
    step[first] = 0.0
    total = np.cumsum(step)
    return (total - np.repeat(total[first], np.diff(np.append(first, len(row))))).astype(np.int64)
