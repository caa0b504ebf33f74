"""Short payment histories with round numbers, for tests that state exact feature values."""

import math

import numpy as np

from ml.domains.payments.features import PAYMENTS
from ml.features.bulk import compute
from ml.features.columns import CONTEXT_COLUMNS, EVENT_COLUMNS, TABLES
from ml.features.durations import DAY, HOUR
from ml.features.spec import FeatureSet
from ml.tests.feature_histories import arrays

NOON = 1_767_268_800_000_000  # Thursday 2026-01-01 12:00 UTC
COLUMNS = EVENT_COLUMNS | CONTEXT_COLUMNS


def event(hours: float = 0.0, amount: float = 10.0, **columns: int) -> dict:
    """One transfer from sender 1 to receiver 2, `hours` after noon, amount in major units."""
    minor = round(amount * 100)
    row = dict.fromkeys(COLUMNS) | {"type": 2, "sender_key": 1, "receiver_key": 2, "local_hour": 12}
    row |= {"amount_minor": minor, "original_minor": minor, "amount_ln": round(10_000 * math.log(minor))}
    return row | {"occurred_at": NOON + round(hours * HOUR)} | columns


def days(number: float) -> float:
    return number * DAY / HOUR


def features(
    events: list[dict], facts: dict[str, list[dict]] | None = None, feature_set: FeatureSet = PAYMENTS
) -> list[dict]:
    """Return the features of every event: name -> float, None for missing. `facts`: rows by table."""
    rows = [e | {"id": i} for i, e in enumerate(events, start=1)]
    known = {}
    for table, given in (facts or {}).items():
        filled = [dict.fromkeys(TABLES[table]) | x | {"id": i} for i, x in enumerate(given, start=1)]
        known[table] = arrays(filled, TABLES[table])
    values = compute(feature_set, arrays(rows, COLUMNS), known)
    return [
        {n: None if np.isnan(v) else v for n, v in zip(feature_set.numbers, row.tolist(), strict=True)}
        for row in values
    ]


def last(events: list[dict], facts: dict[str, list[dict]] | None = None) -> dict:
    return features(events, facts)[-1]
