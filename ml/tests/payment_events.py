"""Short payment histories with round numbers, for tests that state exact feature values."""

import math

import numpy as np

from ml.domains.payments.features import PAYMENTS
from ml.features.bulk import compute
from ml.features.columns import CONTEXT_COLUMNS, EVENT_COLUMNS, LABEL_COLUMNS
from ml.features.durations import DAY, HOUR
from ml.tests.feature_histories import arrays

NOON = 1_767_268_800_000_000  # Thursday 2026-01-01 12:00 UTC
COLUMNS = EVENT_COLUMNS | CONTEXT_COLUMNS


def event(hours: float = 0.0, amount: float = 10.0, **columns: int) -> dict:
    """One transfer from sender 1 to receiver 2, `hours` after noon, amount in major units."""
    minor = round(amount * 100)
    row = dict.fromkeys(COLUMNS) | {"type": 2, "sender_key": 1, "receiver_key": 2, "local_hour": 12}
    row |= {"amount_minor": minor, "amount_ln": round(10_000 * math.log(minor))}
    return row | {"occurred_at": NOON + round(hours * HOUR)} | columns


def days(number: float) -> float:
    return number * DAY / HOUR


def features(events: list[dict], labels: list[dict] = ()) -> list[dict]:
    """Return the features of every event: name -> float, None for missing."""
    rows = [e | {"id": i} for i, e in enumerate(events, start=1)]
    label_rows = [dict.fromkeys(LABEL_COLUMNS) | x | {"id": i} for i, x in enumerate(labels, start=1)]
    known = arrays(label_rows, LABEL_COLUMNS) if label_rows else None
    values = compute(PAYMENTS, arrays(rows, COLUMNS), known)
    return [
        {n: None if np.isnan(v) else v for n, v in zip(PAYMENTS.numbers, row.tolist(), strict=True)}
        for row in values
    ]


def last(events: list[dict], labels: list[dict] = ()) -> dict:
    return features(events, labels)[-1]
