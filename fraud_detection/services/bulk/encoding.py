"""The integer columns of read rows, as schema.encode makes them of one, and whom each row concerns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from django.conf import settings

from fraud_detection.services.bulk.reading import MONEY, Columns, NotPlain, money_of
from fraud_detection.services.payment_events import GIVEN_COUNTRIES, rate
from ml.domains.money import MINOR, minor
from ml.domains.payments.schema import BALANCES, CHANNELS, KEYS, TYPES
from ml.domains.readers import MONEY_LIMIT
from ml.features.columns import EVENT_COLUMNS
from ml.features.keys import country_code, entity_key
from ml.features.spec import NULL
from transactions.fx import NoRate

HUNDREDTH = 100  # of the units that money is read in, one in minor units
MOST_KNOWN = 500_000  # keys a process remembers: they cost a microsecond each
_keys: dict[str, dict[str | None, int]] = {}  # by kind


@dataclass
class Encoded:
    """Read rows with their integer columns int64 [n], NULL for missing; ids follow when they are stored."""

    columns: Columns
    integers: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.columns)

    def locked(self) -> np.ndarray:
        """[n, 4] keys that a row locks, NULL for none: sender, receiver unless a merchant, card, device."""
        given = self.integers
        receiver = np.where(given["merchant_key"] == NULL, given["receiver_key"], NULL)
        return np.stack([given["sender_key"], receiver, given["card_key"], given["device_key"]], axis=1)


def encode(columns: Columns) -> Encoded:
    """Raises NotPlain for rows whose currency has no rate, or whose amounts are too large in it."""
    count = len(columns)
    found = {name: np.full(count, NULL) for name in EVENT_COLUMNS}
    found["occurred_at"], found["local_hour"] = columns.moments, columns.hours
    found["type"] = _coded(columns.column("type"), {name: n for n, name in enumerate(TYPES, 1)}.get)
    found["channel"] = _coded(columns.column("channel"), {name: n for n, name in enumerate(CHANNELS, 1)}.get)
    found["country_code"] = _coded(columns.column("country"), country_code)
    for name in GIVEN_COUNTRIES:
        found[f"{name}_code"] = _coded(columns.column(name), country_code)
    for name, degrees in (("latitude_e6", "latitude"), ("longitude_e6", "longitude")):
        found[name] = _coded(columns.column(degrees), lambda value: round(value * 1_000_000))
    for name, (kind, field) in {**KEYS, "merchant_key": ("merchant", "merchant_id")}.items():
        found[name] = _keyed(kind, columns.column(field)) if columns.has(field) else found[name]
    found |= _money(columns) | _merchant_sides(columns, found)
    return Encoded(columns, found)


def _coded(column: Sequence[Any], code: Callable[[Any], int]) -> np.ndarray:
    known = {value: NULL if value is None else code(value) for value in set(column)}
    return np.array([known[value] for value in column], np.int64)


def _keyed(kind: str, column: Sequence[str | None]) -> np.ndarray:
    if sum(map(len, _keys.values())) > MOST_KNOWN:
        _keys.clear()
    known = _keys.setdefault(kind, {})
    for text in set(column):
        if text not in known:
            known[text] = NULL if text is None else entity_key(kind, text)
    return np.fromiter(map(known.__getitem__, column), np.int64, len(column))


def _money(columns: Columns) -> dict[str, np.ndarray]:
    """Amounts in minor units of the reporting currency, and their logarithm."""
    units = {
        name: np.array([NULL if v is None else v for v in columns.column(name)], np.int64) for name in MONEY
    }
    found = {"original_minor": half_even(units["amount"]), "amount_minor": half_even(units["amount"])}
    found |= {name: _minor_or_null(units[field]) for name, field in BALANCES.items()}
    currencies = columns.column("currency")
    foreign = [n for n, name in enumerate(currencies) if name != settings.REPORTING_CURRENCY]
    for n in foreign:
        factor = _factor(currencies[n], columns.moments[n])
        for name, field in {"amount_minor": "amount", **BALANCES}.items():
            if units[field][n] != NULL:
                found[name][n] = _converted(int(units[field][n]), factor)
    amounts = found["amount_minor"]
    logarithms = np.rint(10_000 * np.log(np.maximum(amounts, 1))).astype(np.int64)
    return found | {"amount_ln": np.where(amounts > 0, logarithms, NULL)}


def _factor(currency: str, moment: int) -> Decimal:
    try:
        return rate(currency, datetime.fromtimestamp(moment // 1_000_000, UTC).date())
    except NoRate as missing:
        raise NotPlain(str(missing)) from missing


def _converted(units: int, factor: Decimal) -> int:
    amount = money_of(units)
    if abs(amount) * factor >= MONEY_LIMIT:
        raise NotPlain("an amount is too large in the reporting currency")
    return minor(amount * (MINOR * factor))


def half_even(units: np.ndarray) -> np.ndarray:
    """Hundredths of money given in 1/10,000, half to even."""
    whole, rest = np.divmod(units, HUNDREDTH)
    half = HUNDREDTH // 2
    return whole + ((rest > half) | ((rest == half) & (whole % 2 == 1)))


def _minor_or_null(units: np.ndarray) -> np.ndarray:
    return np.where(units == NULL, NULL, half_even(np.where(units == NULL, 0, units)))


def _merchant_sides(columns: Columns, found: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Who is the merchant: by the texts' keys of accounts, as schema.encode compares the texts."""
    given = found["merchant_key"] != NULL
    account = _keyed("account", columns.column("merchant_id"))
    paying = (account == found["sender_key"]) | (found["type"] == TYPES.index("refund") + 1)
    paid_by = given & (account != found["receiver_key"]) & paying
    return {
        "sender_is_merchant": paid_by.astype(np.int64),
        "receiver_is_merchant": (given & ~paid_by).astype(np.int64),
    }
