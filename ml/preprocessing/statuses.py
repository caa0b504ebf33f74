"""Outcomes given with events, as the stream that decline features read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

STATUS_KEYS = ("sender_key", "card_key", "device_key", "ip_key")


def status_stream(events: dict[str, np.ndarray], statuses: Sequence[str | None]) -> dict[str, np.ndarray]:
    """The status rows of events (int64 columns, in order of time): known at once, a decline counts."""
    rows = np.flatnonzero([status is not None for status in statuses])
    return {
        "id": np.arange(1, len(rows) + 1, dtype=np.int64),
        "transaction_id": events["id"][rows],
        "known_at": events["occurred_at"][rows],
        "declined_delta": np.array([statuses[row] == "declined" for row in rows], np.int64),
        **{name: events[name][rows] for name in STATUS_KEYS},
    }
