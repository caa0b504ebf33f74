"""Stored history as numpy arrays: coherent ids, ninety days up to now, ids in the order of time."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.population import COUNTRIES, CUSTOMERS, FAVOURITES, HOT, MERCHANTS, Population
from ml.features.columns import CONTEXT_COLUMNS, EVENT_COLUMNS
from ml.features.spec import NULL

HOT_EVENTS = 100_000
DAYS = 90
DAY = 86_400_000_000
CHUNK = 200_000
PAYMENT, TRANSFER = 1, 2
WEB, MOBILE = 1, 2


@dataclass(frozen=True)
class Part:
    """Consecutive events: ids from 1 in the order of time, places in the population, integer columns."""

    ids: np.ndarray
    at: np.ndarray
    senders: np.ndarray
    receivers: np.ndarray  # a merchant's place where `to_merchant`, else a customer's
    to_merchant: np.ndarray
    amount_minor: np.ndarray
    channel: np.ndarray


def parts(population: Population, events: int, hot: int = HOT_EVENTS, seed: int = 5) -> Iterator[Part]:
    """`events` of usual customers and `hot` of the busy one."""
    total = events + hot
    end = time.time_ns() // 1000
    every = total // hot if hot else total + 1
    rng = np.random.default_rng(seed)
    for start in range(0, total, CHUNK):
        yield _part(population, rng, np.arange(start, min(start + CHUNK, total)), total, end, every, hot)


def _part(population: Population, rng, index, total: int, end: int, every: int, hot: int) -> Part:
    busy = (index % every == 0) & (index // every < hot)
    senders = np.where(busy, HOT, rng.integers(0, CUSTOMERS, len(index)))
    to_merchant = ~busy & (rng.random(len(index)) < 0.85)
    choice = rng.integers(0, FAVOURITES, len(index))
    friends = population.favourite(senders + 17, choice, CUSTOMERS)
    any_customer = rng.integers(0, CUSTOMERS, len(index))
    shops = population.favourite(senders, choice, MERCHANTS)
    amounts = np.exp(rng.normal(population.means[senders], 0.5))
    return Part(
        ids=index + 1,
        at=end - (total - index) * (DAYS * DAY // total),
        senders=senders,
        receivers=np.where(to_merchant, shops, np.where(busy, any_customer, friends)),
        to_merchant=to_merchant,
        amount_minor=np.maximum(amounts.astype(np.int64), 300),
        channel=np.where(rng.random(len(index)) < 0.6, MOBILE, WEB),
    )


def event_columns(population: Population, part: Part) -> dict[str, np.ndarray]:
    """The integer columns that features read, int64 [n], as the table holds them."""
    n = len(part.ids)
    hot = part.senders == HOT
    shop_or_none = np.where(part.to_merchant, part.receivers, 0)
    customer = np.where(part.to_merchant, 0, part.receivers)
    merchants = np.where(part.to_merchant, population.merchant_keys[shop_or_none], NULL)
    receivers = np.where(
        part.to_merchant, population.merchants.keys[shop_or_none], population.accounts.keys[customer]
    )
    columns = dict.fromkeys((*EVENT_COLUMNS, *CONTEXT_COLUMNS), np.full(n, NULL))
    return columns | {
        "id": part.ids,
        "occurred_at": part.at,
        "type": np.where(part.to_merchant, PAYMENT, TRANSFER),
        "amount_minor": part.amount_minor,
        "amount_ln": np.rint(10_000 * np.log(part.amount_minor)).astype(np.int64),
        "original_minor": part.amount_minor,
        "sender_key": population.accounts.keys[part.senders],
        "receiver_key": receivers,
        "card_key": population.cards.keys[part.senders],
        "device_key": population.devices.keys[part.senders],
        "ip_key": population.addresses.keys[part.senders],
        "merchant_key": np.where(hot, population.hot_merchant_key, merchants),
        "country_code": population.country_codes[population.homes[part.senders]],
        "channel": part.channel,
        "local_hour": part.at // 3_600_000_000 % 24,
        "sender_is_merchant": hot.astype(np.int64),
        "receiver_is_merchant": part.to_merchant.astype(np.int64),
        "home_country_code": population.country_codes[population.homes[part.senders]],
    }


def home_texts(population: Population, part: Part) -> np.ndarray:
    """The country of each event's sender, two bytes each."""
    return np.array([text.encode() for text in COUNTRIES])[population.homes[part.senders]]
