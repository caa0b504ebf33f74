"""Generated policies: who holds them, on what, since when, and who is paid when something happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

HOUSEHOLD = 0.25  # policyholders that share phone and bank account with somebody
INCREASED = 0.1
PROVIDERS = {"motor": 220, "home": 120, "health": 150, "travel": 30}


@dataclass(frozen=True)
class Peril:
    """How often a claim is of it, and its amounts: shares of the value, or amounts of their own."""

    share: float
    median: float
    spread: float
    of_value: bool


@dataclass(frozen=True)
class Product:
    """A line of business: what is insured (median value, spread), days until a loss is reported."""

    share: float
    value: float
    spread: float
    limit_over_value: float
    delay: float
    covers: dict[str, str]  # peril -> cover
    perils: dict[str, Peril]


PRODUCTS = {
    "motor": Product(
        0.45, 14_000, 0.5, 1.05, 2.0,
        {"collision": "comprehensive", "glass": "comprehensive", "theft": "comprehensive",
         "third party": "liability"},
        {"collision": Peril(0.5, 0.16, 0.55, True), "glass": Peril(0.22, 480, 0.3, False),
         "theft": Peril(0.05, 0.85, 0.06, True), "third party": Peril(0.23, 2_600, 0.7, False)},
    ),
    "home": Product(
        0.25, 60_000, 0.45, 1.1, 3.0,
        {"water": "contents", "storm": "building", "burglary": "contents", "fire": "building"},
        {"water": Peril(0.42, 0.05, 0.6, True), "storm": Peril(0.3, 0.04, 0.6, True),
         "burglary": Peril(0.2, 0.06, 0.5, True), "fire": Peril(0.08, 0.2, 0.6, True)},
    ),
    "health": Product(
        0.22, 25_000, 0.2, 1.0, 9.0,
        {"dental": "outpatient", "consultation": "outpatient", "surgery": "inpatient"},
        {"dental": Peril(0.35, 420, 0.6, False), "consultation": Peril(0.5, 160, 0.5, False),
         "surgery": Peril(0.15, 4_800, 0.5, False)},
    ),
    "travel": Product(
        0.08, 3_000, 0.4, 1.0, 8.0,
        {"baggage": "baggage", "cancellation": "cancellation"},
        {"baggage": Peril(0.5, 420, 0.5, False), "cancellation": Peril(0.5, 0.3, 0.4, True)},
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Policy:
    """One policy and its holder. `renewed` says that its present term is followed by another."""

    policy_id: str
    claimant_id: str
    product: str
    phone: str
    bank_account: str
    device_id: str
    address: str
    object_id: str | None
    value: float
    limit: float
    inception: date
    renewed: bool
    increased: date | None


def policies(rng: np.random.Generator, count: int, today: date, prefix: str) -> list[Policy]:
    """Policies in force on a day, of people who mostly share nothing with each other."""
    names = list(PRODUCTS)
    drawn = rng.choice(len(names), count, p=[PRODUCTS[name].share for name in names])
    made: list[Policy] = []
    for number in range(count):
        sharing = made[-1] if made and rng.random() < HOUSEHOLD / 2 else None
        made.append(_policy(rng, f"{prefix}-{number:05d}", names[drawn[number]], today, sharing))
    return made


def _policy(rng: np.random.Generator, name: str, kind: str, today: date, sharing: Policy | None) -> Policy:
    product = PRODUCTS[kind]
    value = round(product.value * float(rng.lognormal(0, product.spread)), -2)
    age = int(rng.integers(5, 2_200))
    number = 10_000_000 + int.from_bytes(name.encode()[-4:], "big") % 1_000_000
    address = sharing.address if sharing else f"{1 + number % 240} {name} Street"
    object_id = {"motor": f"PLATE {name}", "home": address}.get(kind)
    return Policy(
        policy_id=f"POL-{name}",
        claimant_id=f"PERSON-{name}",
        product=kind,
        phone=sharing.phone if sharing else f"+1 555 {name}",
        bank_account=sharing.bank_account if sharing else f"US{number}{name}",
        device_id=f"DEV-{name}",
        address=address,
        object_id=object_id,
        value=value,
        limit=round(value * product.limit_over_value, -2),
        inception=today - timedelta(days=age),
        renewed=bool(rng.random() < 0.88),
        increased=today - timedelta(days=int(rng.integers(1, max(age, 2))))
        if rng.random() < INCREASED
        else None,
    )


def provider_of(rng: np.random.Generator, product: str) -> str:
    """A garage, builder or clinic, the small ones less often."""
    count = PROVIDERS[product]
    return f"{product.upper()}-{int(count * rng.random() ** 1.2):03d}"
