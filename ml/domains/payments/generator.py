"""Generated payments: customers with habits and planted schemes, in the request's own fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from ml.data_generation.account_schemes import rings, sweeps
from ml.data_generation.card_schemes import card_testing, travel, velocity
from ml.data_generation.habits import everyday
from ml.data_generation.ledger import balances, post
from ml.data_generation.places import CITIES, scatter
from ml.data_generation.population import CATEGORIES, Accounts, Population, population
from ml.data_generation.surprises import surprises
from ml.data_generation.traffic import ATM, BRANCH, CHANNELS, DAY, HOUR, POS, SCHEMES, TYPES, joined

DEFAULT_UNTIL = datetime(2025, 1, 1, tzinfo=UTC)
EVENTS_A_CUSTOMER_DAY = 1.25
LEAST_CUSTOMERS = 20
# share of the fraud events that belongs to each scheme; rings make takeovers and mule events
MIX = {"rings": 0.5, "card_testing": 0.18, "velocity": 0.2, "travel": 0.12}
JOURNEY = 22 * HOUR


def generate(
    *,
    customers: int = 350,
    days: int = 90,
    fraud_rate: float = 0.015,
    seed: int = 1,
    until: datetime = DEFAULT_UNTIL,
    currency: str = "USD",
) -> pd.DataFrame:
    """Payments of `customers` over the `days` before `until` (exclusive), sorted by time.

    Request fields of the payments domain, then is_fraud (0 or 1) and scheme (None when honest). Missing
    values are None or NaN. About 1.25 events a customer and day; fraud_rate is the share of fraud events,
    approximately. The same arguments give the same frame. All amounts are in `currency`.
    """
    _check(customers, days, fraud_rate, until)
    rng = np.random.default_rng(seed)
    begin = until.astimezone(UTC) - timedelta(days=days)
    start = (begin - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    people = population(rng, customers, start, days)
    accounts = Accounts(customers, len(people.merchants))
    table = _simulate(rng, people, accounts, start, days, fraud_rate)
    ledger = post(table, customers, people.buffer)
    frame = _render(rng, table, people, accounts, f"{seed:X}", currency)
    for name, column in balances(ledger, len(table)).items():
        side, moment = name.split("_")
        frame[f"{side}_balance_{moment}"] = column
    frame["is_fraud"] = (table["scheme"] > 0).astype(np.int8)
    frame["scheme"] = _texts(np.array(SCHEMES, dtype=object), table["scheme"].to_numpy())
    return frame


def generate_rows(rows: int, *, days: int = 90, **options: object) -> pd.DataFrame:
    """Exactly `rows` payments: the newest of as many customers as that takes."""
    customers = max(int(1.15 * rows / (days * EVENTS_A_CUSTOMER_DAY)) + 5, LEAST_CUSTOMERS)
    frame = generate(customers=customers, days=days, **options)
    while len(frame) < rows:
        customers = int(customers * 1.3)
        frame = generate(customers=customers, days=days, **options)
    return frame.iloc[len(frame) - rows :].reset_index(drop=True)


def _check(customers: int, days: int, fraud_rate: float, until: datetime) -> None:
    if customers < LEAST_CUSTOMERS:
        raise ValueError(f"customers must be at least {LEAST_CUSTOMERS}, not {customers}")
    if days < 7:
        raise ValueError(f"days must be at least 7, not {days}")
    if not 0.0 <= fraud_rate <= 0.2:
        raise ValueError(f"fraud_rate must lie between 0 and 0.2, not {fraud_rate}")
    if until.tzinfo is None:
        raise ValueError("until must carry a time zone")


def _simulate(
    rng, people: Population, accounts: Accounts, start: int, days: int, rate: float
) -> pd.DataFrame:
    """All events in order of time. Drains come last: they take a share of the balance at their moment."""
    honest = [
        _possible(part, people, start, days)
        for part in (
            *everyday(rng, people, start, days, accounts),
            *surprises(rng, people, start, days, accounts),
        )
    ]
    genuine = joined(honest)
    target = {name: share * rate / (1 - rate) * len(genuine) for name, share in MIX.items()}
    cards = [
        card_testing(rng, people, start, days, accounts, target["card_testing"]),
        velocity(rng, people, start, days, accounts, target["velocity"]),
        travel(rng, people, genuine, accounts, target["travel"]),
    ]
    table = joined([genuine, *(_possible(part, people, start, days) for part in cards)])
    ledger = post(table, len(people), people.buffer)
    stolen, drained = rings(rng, people, ledger, accounts, start, days, target["rings"])
    swept, emptied = sweeps(rng, people, ledger, accounts, start, days, drained.victim)
    kept = table[~(drained.blocks(table) | emptied.blocks(table))]
    return joined([kept, _possible(pd.concat([stolen, swept]), people, start, days)])


def _possible(table: pd.DataFrame, people: Population, start: int, days: int) -> pd.DataFrame:
    """Without what lies outside the window, before an account was opened, or during a journey."""
    at = table["at"].to_numpy()
    keep = (at >= start) & (at < start + days * DAY)
    for side in ("sender", "receiver"):
        account = table[side].to_numpy()
        customer = np.where(account < len(people), account, 0)
        keep &= (account >= len(people)) | (at >= people.joined_at[customer])
    sender = table["sender"].to_numpy()
    traveller = np.where(sender < len(people), sender, 0)
    present = (sender < len(people)) & np.isin(table["channel"].to_numpy(), (POS, ATM, BRANCH))
    for moment in (people.leaves_at, people.returns_at):
        journey = (at >= moment[traveller]) & (at < moment[traveller] + JOURNEY)
        keep &= ~(present & journey & (table["scheme"].to_numpy() == 0))
    return table[keep]


def _render(rng, table, people: Population, accounts: Accounts, tag: str, currency: str) -> pd.DataFrame:
    """The event table in the request's field names."""
    column = {name: table[name].to_numpy() for name in table}
    sender, receiver, city = column["sender"], column["receiver"], column["city"]
    names = account_names(accounts)
    customer = np.where(sender < accounts.customers, sender, receiver)
    known = np.where(customer < accounts.customers, customer, 0)
    countries = np.append(CITIES.country[people.home], None)
    category = np.append(people.merchants.category, -1)[column["merchant"]]
    merchants = names[accounts.first["merchant"] :]
    return pd.DataFrame(
        {
            "transaction_id": [f"TX{tag}-{number:08d}" for number in range(len(table))],
            "occurred_at": _local_times(column["at"], city),
            "type": np.array(TYPES, dtype=object)[column["type"]],
            "amount": column["amount"] / 100.0,
            "currency": currency,
            "user_id": names[known],
            "sender_id": names[sender],
            "receiver_id": names[receiver],
            "merchant_id": _texts(merchants, column["merchant"]),
            "merchant_category": _texts(CATEGORIES, category),
            "card_token": _tokens("card_", column["card"]),
            "device_id": _tokens("dev_", column["device"]),
            "ip_address": _addresses(column["ip"]),
            "ip_country": _texts(CITIES.country, column["ip_city"]),
            "country": _texts(CITIES.country, city),
            "region": _texts(CITIES.name, city),
            **_location(rng, table),
            "channel": np.array(CHANNELS, dtype=object)[column["channel"]],
            "branch": _branches(column),
            "sender_country": countries[np.minimum(sender, accounts.customers)],
            "receiver_country": countries[np.minimum(receiver, accounts.customers)],
        }
    )


def account_names(accounts: Accounts) -> np.ndarray:
    """The text id of every account number."""
    prefixes = {"employer": "EMP", "landlord": "BIL", "savings": "SAV", "outside": "EXT", "cash": "ATM"}
    names = [f"C{number:07d}" for number in range(accounts.customers)]
    for kind, size in accounts.sizes.items():
        prefix = prefixes.get(kind, kind[0].upper())
        names += [f"{prefix}{number:07d}" for number in range(size)]
    return np.array(names, dtype=object)


def _texts(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    """values[index], None where the index is -1."""
    return np.append(values, None)[index]


def _tokens(prefix: str, number: np.ndarray) -> np.ndarray:
    """Opaque ids, one to one with the numbers; None for -1."""
    distinct, place = np.unique(number, return_inverse=True)
    scrambled = (distinct * 0x9E3779B1 + 0x5BD1E995) % (1 << 40)  # odd factor: no two numbers collide
    texts = [
        None if raw < 0 else f"{prefix}{code:010x}" for raw, code in zip(distinct, scrambled, strict=True)
    ]
    return np.array(texts, dtype=object)[place]


def _addresses(number: np.ndarray) -> np.ndarray:
    """Addresses of the private 10.0.0.0/8 block, so that no real host is ever named; None for -1."""
    distinct, place = np.unique(number, return_inverse=True)
    scrambled = (distinct * 0x9E3779B1) % (1 << 24)
    texts = [
        None if raw < 0 else f"10.{code >> 16}.{code >> 8 & 255}.{code & 255}"
        for raw, code in zip(distinct, scrambled, strict=True)
    ]
    return np.array(texts, dtype=object)[place]


def _branches(column: dict[str, np.ndarray]) -> np.ndarray:
    at_branch = np.isin(column["channel"], (ATM, BRANCH))
    names = np.array([f"BR-{number:03d}" for number in range(len(CITIES))], dtype=object)
    return _texts(names, np.where(at_branch, column["city"], -1))


def _location(rng, table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Latitude and longitude where the event says where it was, a few kilometres around the centre."""
    city = np.maximum(table["city"].to_numpy(), 0)
    latitude, longitude = scatter(rng, city, 4.0)
    located = (table["located"].to_numpy() == 1) & (table["city"].to_numpy() >= 0)
    return {
        "latitude": np.where(located, latitude, np.nan),
        "longitude": np.where(located, longitude, np.nan),
    }


def _local_times(at: np.ndarray, city: np.ndarray) -> np.ndarray:
    """ISO 8601 with the offset of the city, UTC where no city is known."""
    offset = np.append(CITIES.offset_hours, 0)[city]
    local = (at + offset * HOUR).astype("datetime64[us]").astype("datetime64[ms]")
    stamps = np.datetime_as_string(local).astype(object)
    suffix = np.array([f"{hours:+03d}:00" for hours in range(-12, 15)], dtype=object)
    return stamps + suffix[offset + 12]
