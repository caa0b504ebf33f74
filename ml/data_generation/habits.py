"""What honest customers do every day: purchases, salary, bills, friends, cash, savings, refunds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.data_generation.places import CITIES
from ml.data_generation.population import STRANGERS, Accounts, Population
from ml.data_generation.traffic import (
    API,
    ATM,
    BRANCH,
    CASH_IN,
    CASH_OUT,
    DAY,
    DEBIT,
    HOUR,
    MOBILE,
    POS,
    REFUND,
    TRANSFER,
    WEB,
    events,
    minor,
)

CARRIER_ADDRESSES = 60


def moments(rng, people: Population, customer: np.ndarray, start: int, days: int) -> np.ndarray:
    """Times around each customer's busy hour, in the local time of the home city."""
    hour = rng.normal(people.busy_hour[customer], 3.8) % 24.0
    offset = CITIES.offset_hours[people.home[customer]]
    day = rng.integers(0, days, size=len(customer))
    return start + day * DAY + np.rint((hour - offset) * HOUR).astype(np.int64)


def repeated(rng, rate_a_day: np.ndarray, days: int) -> np.ndarray:
    """Customer indexes, each as often as a Poisson rate says."""
    return np.repeat(np.arange(len(rate_a_day)), rng.poisson(rate_a_day * days))


def address(rng, city: np.ndarray, customer: np.ndarray, on_phone: np.ndarray) -> np.ndarray:
    """The address number in use: one of the country's carrier for phones, else the customer's own."""
    carrier = STRANGERS - (city + 1) * CARRIER_ADDRESSES + rng.integers(0, CARRIER_ADDRESSES, len(city))
    return np.where(on_phone, carrier, customer)


def own_device(rng, people: Population, customer: np.ndarray, at: np.ndarray) -> dict[str, np.ndarray]:
    """device, channel, ip and ip_city of customers acting online by themselves; some through a VPN."""
    on_phone = rng.random(len(customer)) < 0.65
    city = people.city_at(customer, at)
    vpn = rng.random(len(customer)) < 0.03
    exit_city = np.where(vpn, rng.integers(0, len(CITIES), len(customer)), city)
    foreign_network = exit_city != people.home[customer]
    cellular = (on_phone & (rng.random(len(customer)) < 0.5)) | foreign_network
    return {
        "device": np.where(on_phone, people.phone_at(customer, at), people.laptop(customer)),
        "channel": np.where(on_phone, MOBILE, WEB),
        "ip": address(rng, exit_city, customer, cellular),
        "ip_city": exit_city,
        "city": city,
        "located": on_phone & (rng.random(len(customer)) < 0.6),
    }


def purchases(rng, people: Population, start: int, days: int, accounts: Accounts) -> pd.DataFrame:
    """Card purchases at usual merchants, at others, and at those of the holiday city."""
    customer = repeated(rng, people.purchases_a_day, days)
    at = moments(rng, people, customer, start, days)
    merchant = people.usual[customer, rng.integers(0, people.usual.shape[1], len(customer))]
    adventurous = rng.random(len(customer)) < 0.18
    merchant = np.where(adventurous, rng.integers(0, len(people.merchants), len(customer)), merchant)
    merchant = _reachable(rng, people, merchant, people.city_at(customer, at))
    return bought(rng, people, accounts, customer=customer, at=at, merchant=merchant)


def bought(rng, people: Population, accounts: Accounts, *, customer, at, merchant) -> pd.DataFrame:
    """Card payments of these customers at these merchants; one in 140 is a large one."""
    shops = people.merchants
    large = np.where(rng.random(len(at)) < 0.007, rng.uniform(6.0, 30.0, len(at)), 1.0)
    level = shops.median[merchant] * people.spend[customer] ** 0.6 * large
    online = shops.online[merchant]
    own = own_device(rng, people, customer, at)
    own["device"] = np.where(online, own["device"], -1)
    own["channel"] = np.where(online, own["channel"], POS)
    own["ip"] = np.where(online, own["ip"], -1)
    own["ip_city"] = np.where(online, own["ip_city"], -1)
    own["located"] = np.where(online, own["located"], 1)
    return events(
        at=at,
        amount=minor(level * rng.lognormal(0.0, shops.spread[merchant])),
        sender=customer,
        receiver=accounts.of("merchant", merchant),
        merchant=merchant,
        card=customer,
        **own,
    )


def _reachable(rng, people: Population, merchant: np.ndarray, city: np.ndarray) -> np.ndarray:
    """Swap a physical merchant of another city for one where the customer is."""
    shops = people.merchants
    far = ~shops.online[merchant] & (shops.city[merchant] != city)
    result = merchant.copy()
    for here in np.unique(city[far]):
        rows = far & (city == here)
        near = np.flatnonzero((shops.city == here) & ~shops.online)
        choices = near if len(near) else np.flatnonzero(shops.online)
        weight = shops.popularity[choices]
        result[rows] = rng.choice(choices, size=int(rows.sum()), p=weight / weight.sum())
    return result


def salaries(rng, people: Population, start: int, days: int, accounts: Accounts) -> pd.DataFrame:
    """A salary every 30 days from the same employer, on the customer's own day."""
    customer, day = _monthly(rng, len(people), days)
    at = start + day * DAY + rng.integers(5 * HOUR, 9 * HOUR, len(customer))
    amount = minor(people.salary[customer] * rng.normal(1.0, 0.02, len(customer)).clip(0.8))
    return events(
        at=at,
        type=TRANSFER,
        amount=amount,
        sender=accounts.of("employer", customer * 7),
        receiver=customer,
        channel=API,
        city=people.home[customer],
    )


def bills(rng, people: Population, start: int, days: int, accounts: Accounts) -> pd.DataFrame:
    """Rent and standing debits, every 30 days, the same payee and nearly the same amount."""
    customer, day = _monthly(rng, len(people), days)
    at = start + day * DAY + rng.integers(6 * HOUR, 20 * HOUR, len(customer))
    share = 0.24 + 0.02 * (customer % 7)
    rent = events(
        at=at,
        type=TRANSFER,
        amount=minor(np.rint(people.salary[customer] * share)),
        sender=customer,
        receiver=accounts.of("landlord", customer * 13),
        **own_device(rng, people, customer, at),
    )
    debit_at = at + rng.integers(0, 5 * DAY, len(customer))
    debits = events(
        at=debit_at,
        type=DEBIT,
        amount=minor(people.salary[customer] * rng.normal(0.03, 0.004, len(customer)).clip(0.01)),
        sender=customer,
        receiver=accounts.of("landlord", customer % 3),
        channel=API,
        city=people.home[customer],
    )
    return pd.concat([rent, debits])


def _monthly(rng, customers: int, days: int) -> tuple[np.ndarray, np.ndarray]:
    """(customer, day) pairs: the customer's own day of every 30."""
    first = rng.integers(0, 30, customers)
    months = -(-days // 30)
    customer = np.repeat(np.arange(customers), months)
    day = np.repeat(first, months) + 30 * np.tile(np.arange(months), customers)
    return customer[day < days], day[day < days]


def transfers(rng, people: Population, start: int, days: int, accounts: Accounts) -> pd.DataFrame:
    """Money to friends, to own savings, and now and then to somebody new, sometimes a lot."""
    customer = repeated(rng, 0.16 * people.purchases_a_day, days)
    at = moments(rng, people, customer, start, days)
    friend = people.friends[customer, rng.integers(0, people.friends.shape[1], len(customer))]
    kind = rng.choice(4, size=len(customer), p=[0.58, 0.20, 0.14, 0.08])
    somebody = rng.integers(0, len(people), len(customer))
    outside = accounts.of("outside", rng.integers(0, 1 << 30, len(customer)))
    receiver = np.select(
        [kind == 0, kind == 1, kind == 2], [friend, accounts.of("savings", customer), somebody], outside
    )
    median = np.select([kind == 0, kind == 1], [35.0, 300.0], 90.0)
    own = np.flatnonzero(receiver == customer)
    receiver[own] = accounts.of("savings", customer[own])
    return events(
        at=at,
        type=TRANSFER,
        amount=minor(median * people.spend[customer] * rng.lognormal(0.0, 1.1, len(customer))),
        sender=customer,
        receiver=receiver,
        **own_device(rng, people, customer, at),
    )


def cash(rng, people: Population, start: int, days: int, accounts: Accounts) -> pd.DataFrame:
    """Withdrawals at cash machines in round amounts, and deposits at branches."""
    customer = repeated(rng, 0.06 * people.purchases_a_day + 0.01, days)
    at = moments(rng, people, customer, start, days)
    deposit = rng.random(len(customer)) < 0.2
    city = people.city_at(customer, at)
    amount = 10.0 * np.ceil(rng.lognormal(1.9, 0.8, len(customer)) * people.spend[customer])
    at_branch = deposit | (rng.random(len(customer)) < 0.05)
    return events(
        at=at,
        type=np.where(deposit, CASH_IN, CASH_OUT),
        amount=minor(amount),
        sender=customer,
        receiver=accounts.of("cash", city),
        card=np.where(at_branch, -1, customer),
        channel=np.where(at_branch, BRANCH, ATM),
        city=city,
        located=1,
    )


def refunds(rng, bought: pd.DataFrame, accounts: Accounts) -> pd.DataFrame:
    """One purchase in sixty comes back within two weeks, some only in part."""
    chosen = bought[rng.random(len(bought)) < 1 / 60]
    share = np.where(rng.random(len(chosen)) < 0.3, rng.uniform(0.2, 0.9, len(chosen)), 1.0)
    return events(
        at=chosen["at"].to_numpy() + rng.integers(DAY, 14 * DAY, len(chosen)),
        type=REFUND,
        amount=np.maximum((chosen["amount"].to_numpy() * share).astype(np.int64), 1),
        sender=chosen["receiver"].to_numpy(),
        receiver=chosen["sender"].to_numpy(),
        merchant=chosen["merchant"].to_numpy(),
        card=chosen["card"].to_numpy(),
        channel=API,
        city=chosen["city"].to_numpy(),
    )


def everyday(rng, people: Population, start: int, days: int, accounts: Accounts) -> list[pd.DataFrame]:
    """All everyday events of all customers, unsorted."""
    card = purchases(rng, people, start, days, accounts)
    return [
        card,
        refunds(rng, card, accounts),
        salaries(rng, people, start, days, accounts),
        bills(rng, people, start, days, accounts),
        transfers(rng, people, start, days, accounts),
        cash(rng, people, start, days, accounts),
    ]
