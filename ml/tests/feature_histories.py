"""Hostile histories for property-based tests: ties, late and out-of-order events, corrections, gaps."""

import math

import numpy as np
from hypothesis import strategies as st

from ml.features.columns import (
    EVENT_COLUMNS,
    EVENT_TABLE,
    LABEL_COLUMNS,
    LABEL_TABLE,
    STATUS_COLUMNS,
    STATUS_TABLE,
)
from ml.features.durations import DAY, HOUR
from ml.features.spec import NULL

START = 1_700_000_000_000_000
STEPS = (0, 0, 1, HOUR - 1, HOUR, HOUR + 1, DAY - 1, DAY, 2 * DAY, 7 * DAY, 30 * DAY, 60 * DAY)
STEPS += (-1, -HOUR, -DAY)
AMOUNTS = (1, 100, 200, 201, 12_345, 799_999, 800_000, 999_999, 1_000_000)


def _maybe(*values: int):
    return st.sampled_from([None, *values])


event = st.fixed_dictionaries(
    {
        "step": st.sampled_from(STEPS),
        "type": st.integers(1, 6),
        "amount_minor": st.sampled_from(AMOUNTS),
        # Keys as far apart as 64 bits allow: arithmetic on raw keys would overflow.
        "sender_key": st.sampled_from([-(2**63) + 1, 5, 2**63 - 1]),
        "receiver_key": st.sampled_from([-(2**63) + 1, 5, 7]),
        "card_key": _maybe(1, 2),
        "device_key": _maybe(1, -2),
        "ip_key": _maybe(1, 2),
        "merchant_key": _maybe(1, 2),
        "country_code": _maybe(17477, 21843),
        "channel": _maybe(1, 3, 4),
        "latitude_e6": _maybe(0, 48_000_000),
        "longitude_e6": _maybe(11_000_000),
        "local_hour": _maybe(3, 12),
        "region_key": _maybe(-5, 3, 8),
        "branch_key": _maybe(4, 9),
        "original_minor": st.sampled_from([0, 99_999, 100_000, 700_000]),
        "corrects": st.sampled_from([None, None, None, None, 1, 2, 5]),
        "label": st.sampled_from([None, None, 0, DAY, 7 * DAY, 20 * DAY]),
        "fraud_delta": st.sampled_from([-1, 0, 1, 1]),
        # Given with the event (0), later, or before its own time, by a clock that runs ahead.
        "status": st.sampled_from([None, None, 0, 0, 1, -1, DAY, 8 * DAY]),
        "declined_delta": st.sampled_from([-1, 0, 1, 1]),
    }
)
histories = st.one_of(st.lists(event, min_size=1, max_size=8), st.lists(event, min_size=12, max_size=40))


def build(drawn: list[dict], in_order: bool) -> dict[str, list[dict]]:
    """Return rows by table; `in_order` makes every step forward and drops corrections."""
    events, labels, statuses, now = [], [], [], START
    for number, raw in enumerate(drawn, start=1):
        now += abs(raw["step"]) if in_order else raw["step"]
        row = dict.fromkeys(EVENT_COLUMNS) | {c: v for c, v in raw.items() if c in EVENT_COLUMNS}
        row |= {"id": number, "occurred_at": now, "amount_ln": round(10_000 * math.log(raw["amount_minor"]))}
        _correct(events, row, None if in_order else raw["corrects"])
        events.append(row)
        if raw["label"] is not None:
            label = {c: row.get(c) for c in LABEL_COLUMNS}
            labels.append(label | {"known_at": now + raw["label"], "fraud_delta": raw["fraud_delta"]})
        if raw["status"] is not None:
            fact = {c: row.get(c) for c in STATUS_COLUMNS}
            after = abs(raw["status"]) if in_order else raw["status"]
            fact |= {"transaction_id": number, "known_at": row["occurred_at"] + after}
            # Ids that fall: statuses of one instant stand in the order of their events, not of their own ids.
            fact |= {"id": len(drawn) - number, "declined_delta": raw["declined_delta"]}
            statuses.append(fact)
    return {EVENT_TABLE: events, LABEL_TABLE: labels, STATUS_TABLE: statuses}


def _correct(events: list[dict], row: dict, back: int | None) -> None:
    """Make the row the correction of an earlier one: same time, same parties."""
    if back is None or back > len(events) or events[-back]["superseded_by_id"] is not None:
        return
    wrong = events[-back]
    row["occurred_at"] = wrong["occurred_at"]
    row["sender_key"] = wrong["sender_key"]
    wrong["superseded_by_id"] = row["id"]


def arrays(rows: list[dict], columns: dict) -> dict[str, np.ndarray]:
    return {c: np.array([NULL if r[c] is None else r[c] for r in rows], np.int64) for c in columns}
