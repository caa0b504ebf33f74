"""Small labelled histories with fraud that only behaviour, a category or a counterparty gives away."""

from functools import cache

import numpy as np

from ml.features.durations import DAY
from ml.features.spec import NULL
from ml.history import History
from ml.modeling.recipes import Recipe

START = 20_000 * DAY
DELAY = 7 * DAY
QUICK = (
    Recipe(
        "lightgbm",
        "lightgbm",
        {"num_leaves": 7, "min_data_in_leaf": 10, "learning_rate": 0.1, "feature_fraction": 0.5},
        50,
    ),
)


def timed(rows: int = 3_000, seed: int = 0, *, entity: bool = True, fraud_rate: float = 0.05) -> History:
    """60 days of events of 60 entities; a fraud is five times the entity's usual amount, mostly "online"."""
    rng = np.random.default_rng(seed)
    times = np.sort(START + rng.integers(0, 60 * DAY, rows))
    who, where = rng.integers(0, 60, rows), rng.integers(0, 40, rows)
    usual = np.exp(rng.normal(3.0, 1.0, 60))
    y = (rng.random(rows) < fraud_rate).astype(np.int8)
    amounts = usual[who] * np.exp(rng.normal(0.0, 0.3, rows)) * np.where(y == 1, 5.0, 1.0)
    kind = np.where(rng.random(rows) < np.where(y == 1, 0.7, 0.3), 0, 1 + rng.integers(0, 3, rows))
    minor = np.round(amounts * 100).astype(np.int64)
    events = {
        "id": np.arange(1, rows + 1),
        "occurred_at": times,
        "local_hour": times // 3_600_000_000 % 24,
        "receiver_key": where + 1_000,
        "merchant_key": where + 1_000,
        "amount_minor": minor,
        "original_minor": minor,
        "amount_ln": np.round(np.log(np.maximum(amounts, 0.01)) * 10_000).astype(np.int64),
        "type": np.zeros(rows, np.int64),
    }
    roles = {"time", "counterparty", "amount", "label"}
    if entity:
        events["sender_key"] = who + 1
        roles.add("entity")
    return History(
        name=f"timed-{seed}",
        ids=np.array([f"e{number}" for number in range(rows)]),
        times=times,
        y=y,
        known_at=times + DELAY,
        weight=None,
        events=events,
        numeric={"noise": rng.normal(size=rows).astype(np.float32)},
        categorical={
            "kind": (kind.astype(np.int32), ["online", "shop", "fuel", "cash"]),
            "many": (rng.integers(0, 300, rows).astype(np.int32), [f"v{n}" for n in range(300)]),
        },
        roles=frozenset(roles),
        label_delay=DELAY,
    )


def timeless(rows: int = 400, seed: int = 0) -> History:
    """Applications without a time: two numbers and two categories say something, one of many values."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(rows, 3)).astype(np.float32)
    words, town = rng.integers(0, 4, rows), rng.integers(0, 30, rows)
    log_odds = numbers[:, 0] + numbers[:, 1] + (words == 2) + 2.0 * (town < 6) - 1.5
    y = (log_odds + rng.logistic(size=rows) > 0).astype(np.int8)
    return History(
        name=f"timeless-{seed}",
        ids=np.arange(1, rows + 1).astype(str),
        times=None,
        y=y,
        known_at=np.full(rows, NULL),
        weight=None,
        events={"id": np.arange(1, rows + 1)},
        numeric={f"n{place}": numbers[:, place] for place in range(3)},
        categorical={
            "purpose": (words.astype(np.int32), ["car", "house", "tv", "other"]),
            "town": (town.astype(np.int32), [f"t{n}" for n in range(30)]),
        },
        roles=frozenset({"label"}),
        label_delay=0,
    )


@cache
def trained(entity: bool = True):
    """(history, model, report) of a quick training on `timed`."""
    from ml.modeling.histories import train_history

    history = timed(entity=entity)
    return history, *train_history(history, engine="payments", candidates=QUICK, threads=1)
