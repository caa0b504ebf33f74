"""The table that generated events share before they are written in a domain's own fields."""

from __future__ import annotations

import numpy as np
import pandas as pd

HOUR = 3_600_000_000
DAY = 24 * HOUR

TYPES = ("payment", "transfer", "cash_in", "cash_out", "debit", "refund")
PAYMENT, TRANSFER, CASH_IN, CASH_OUT, DEBIT, REFUND = range(6)
CHANNELS = ("web", "mobile", "pos", "atm", "branch", "api")
WEB, MOBILE, POS, ATM, BRANCH, API = range(6)
SCHEMES = (None, "takeover", "mule", "card_testing", "velocity", "travel")
HONEST, TAKEOVER, MULE, CARD_TESTING, VELOCITY, TRAVEL = range(6)

# at: microseconds since epoch, whole milliseconds; amount: minor units; others: indexes, -1 for none
DEFAULTS = {
    "at": 0,
    "type": PAYMENT,
    "amount": 0,
    "sender": -1,
    "receiver": -1,
    "merchant": -1,
    "card": -1,
    "device": -1,
    "ip": -1,
    "ip_city": -1,
    "city": -1,
    "located": 0,
    "channel": WEB,
    "scheme": HONEST,
}


def events(**columns: np.ndarray | int) -> pd.DataFrame:
    """An event table: the given columns, the defaults elsewhere. The length is that of `at`."""
    if unknown := set(columns) - set(DEFAULTS):
        raise ValueError(f"not columns of an event: {sorted(unknown)}")
    count = len(columns["at"])
    columns["at"] = columns["at"] // 1000 * 1000
    return pd.DataFrame(
        {
            name: np.broadcast_to(np.asarray(columns.get(name, default)), count).astype(np.int64)
            for name, default in DEFAULTS.items()
        }
    )


def joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """All parts in order of time; equal times keep the order of the parts."""
    together = pd.concat(parts, ignore_index=True)
    return together.sort_values("at", kind="stable", ignore_index=True)


def minor(amount: np.ndarray) -> np.ndarray:
    """Major units as whole minor units, at least one."""
    return np.maximum(np.rint(np.asarray(amount) * 100.0), 1).astype(np.int64)
