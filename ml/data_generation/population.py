"""Customers with habits, the merchants they use, and the accounts that money moves between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.data_generation.places import CITIES, elsewhere, homes
from ml.data_generation.traffic import DAY

# name, median amount, spread of ln(amount), share sold online, weight among purchases
_CATEGORIES = (
    ("grocery", 32.0, 0.7, 0.10, 25),
    ("restaurant", 24.0, 0.7, 0.15, 15),
    ("fuel", 45.0, 0.4, 0.00, 7),
    ("transport", 2.2, 0.6, 0.30, 12),
    ("vending", 1.6, 0.5, 0.20, 6),
    ("clothing", 55.0, 0.8, 0.50, 6),
    ("electronics", 120.0, 1.0, 0.60, 4),
    ("pharmacy", 18.0, 0.7, 0.10, 5),
    ("entertainment", 15.0, 0.7, 0.70, 7),
    ("digital_goods", 3.0, 1.0, 1.00, 9),
    ("travel", 240.0, 0.9, 0.90, 2),
    ("home", 70.0, 0.9, 0.30, 4),
    ("gift_cards", 50.0, 0.7, 0.90, 2),
)
CATEGORIES = np.array([row[0] for row in _CATEGORIES], dtype=object)
_MEDIAN, _SPREAD, _ONLINE, _WEIGHT = (
    np.array(column, dtype=float) for column in list(zip(*_CATEGORIES, strict=True))[1:]
)

USUAL_MERCHANTS = 12
FRIENDS = 5
# devices and addresses of customers are numbered below this; what belongs to schemes lies above
STRANGERS = 1 << 24


@dataclass(frozen=True)
class Merchants:
    """Columns over the merchants; `city` is where a physical one stands."""

    category: np.ndarray
    city: np.ndarray
    median: np.ndarray
    spread: np.ndarray
    online: np.ndarray
    popularity: np.ndarray

    def __len__(self) -> int:
        return len(self.category)


@dataclass(frozen=True)
class Population:
    """Columns over the customers. Money in major units a month or a day, times in microseconds."""

    merchants: Merchants
    home: np.ndarray
    away: np.ndarray
    spend: np.ndarray
    salary: np.ndarray
    purchases_a_day: np.ndarray
    busy_hour: np.ndarray
    usual: np.ndarray
    friends: np.ndarray
    joined_at: np.ndarray
    new_phone_at: np.ndarray
    leaves_at: np.ndarray
    returns_at: np.ndarray
    buffer: np.ndarray

    def __len__(self) -> int:
        return len(self.home)

    def city_at(self, customer: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Where each customer is: at home, or in the holiday city."""
        travelling = (at >= self.leaves_at[customer]) & (at < self.returns_at[customer])
        return np.where(travelling, self.away[customer], self.home[customer])

    def phone_at(self, customer: np.ndarray, at: np.ndarray) -> np.ndarray:
        """The device number of each customer's phone at that time."""
        return 3 * customer + (at >= self.new_phone_at[customer])

    def laptop(self, customer: np.ndarray) -> np.ndarray:
        """The device number of each customer's computer; some families share one."""
        owner = np.where(customer % 9 == 1, customer - 1, customer)
        return 3 * owner + 2


class Accounts:
    """Account numbers: customers first (their balances are kept), then the outside world."""

    def __init__(self, customers: int, merchants: int) -> None:
        self.customers = customers
        self.sizes = {
            "employer": max(3, customers // 40),
            "landlord": max(3, customers // 12),
            "savings": customers,
            "outside": max(20, customers // 2),
            "cash": len(CITIES),
            "bank": 1,
            "merchant": merchants,
        }
        starts = customers + np.cumsum([0, *self.sizes.values()])
        self.first = dict(zip(self.sizes, starts.tolist(), strict=False))
        self.total = int(starts[-1])

    def of(self, kind: str, number: np.ndarray) -> np.ndarray:
        """Account numbers of one kind; `number` wraps around its size."""
        return self.first[kind] + np.asarray(number) % self.sizes[kind]


def merchants(rng: np.random.Generator, customers: int) -> Merchants:
    """About one merchant for three customers, at least eight in every city."""
    count = max(customers // 3, 8 * len(CITIES))
    category = rng.choice(len(_WEIGHT), size=count, p=_WEIGHT / _WEIGHT.sum())
    return Merchants(
        category=category,
        city=np.concatenate([np.arange(len(CITIES)).repeat(4), homes(rng, count - 4 * len(CITIES))]),
        median=_MEDIAN[category] * rng.lognormal(0.0, 0.35, count),
        spread=_SPREAD[category],
        online=rng.random(count) < _ONLINE[category],
        popularity=rng.pareto(1.3, count) + 0.2,
    )


def population(rng: np.random.Generator, customers: int, start: int, days: int) -> Population:
    """Customers who live from `start` (microseconds) for `days`; some join late, move phone, go away."""
    shops = merchants(rng, customers)
    home = homes(rng, customers)
    spend = rng.lognormal(0.0, 0.45, customers)
    end = start + days * DAY
    leaves = _some_time(rng, customers, 0.25, start, end)
    return Population(
        merchants=shops,
        home=home,
        away=elsewhere(rng, home),
        spend=spend,
        salary=2_600.0 * spend * rng.lognormal(0.0, 0.2, customers),
        purchases_a_day=rng.gamma(3.0, 0.3, customers) + 0.08,
        busy_hour=np.where(rng.random(customers) < 0.07, 2.0, rng.normal(14.5, 2.0, customers)),
        usual=_usual_merchants(rng, shops, home),
        friends=rng.integers(0, customers, size=(customers, FRIENDS)),
        joined_at=_some_time(rng, customers, 0.12, start, end, never=start),
        new_phone_at=_some_time(rng, customers, 0.25, start, end),
        leaves_at=leaves,
        returns_at=leaves + rng.integers(3 * DAY, 14 * DAY, customers),
        buffer=np.rint(rng.lognormal(6.0, 1.6, customers) * 100).astype(np.int64),
    )


def _some_time(rng, count: int, share: float, start: int, end: int, never: int = 1 << 61) -> np.ndarray:
    """A time for a share of the customers, `never` for the others."""
    at = rng.integers(start, end, size=count)
    return np.where(rng.random(count) < share, at, never)


def _usual_merchants(rng, shops: Merchants, home: np.ndarray) -> np.ndarray:
    """[customers, USUAL_MERCHANTS]: popular ones of the home city and of the web."""
    usual = np.empty((len(home), USUAL_MERCHANTS), dtype=np.int64)
    for city in np.unique(home):
        living = np.flatnonzero(home == city)
        near = np.flatnonzero((shops.city == city) | shops.online)
        weight = shops.popularity[near] * np.where(shops.online[near], 0.3, 1.0)
        size = (len(living), USUAL_MERCHANTS)
        usual[living] = rng.choice(near, size=size, p=weight / weight.sum())
    return usual
