"""A bounded sample of an engine's stored decisions, spread evenly over their ids.

Ids are given in the order of arrival, so equal steps through them are equal steps through the traffic,
and each row is found by its primary key: the cost does not grow with the table.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.db import connection

MOST = 20_000
ROUNDS = 5  # steps through the ids, each between those before: engines share one sequence
BOUNDS = """
    select (select id from fraud_detection_assessment where decided_at >= %(since)s
            order by decided_at, id limit 1),
           (select id from fraud_detection_assessment where decided_at < %(until)s
            order by decided_at desc, id desc limit 1)
"""
ROWS = """
    select model_version, feature_set_version, fraud_probability, {columns}
    from fraud_detection_assessment
    where id = any(%(ids)s) and engine = %(engine)s
      and decided_at >= %(since)s and decided_at < %(until)s
      and not degraded_parts @> '["features"]'
    order by id
"""


class Vector(NamedTuple):
    """One decision's stored features as packed float64, and the score its model gave."""

    model_version: str
    feature_set: str
    probability: float | None
    packed: bytes


class Scored(NamedTuple):
    """One decision's score and what was decided, with the id of its event."""

    model_version: str
    feature_set: str
    probability: float | None
    approved: bool
    transaction_id: int | None


def sampled_vectors(engine: str, since: datetime, until: datetime, most: int = MOST) -> list[Vector]:
    """About `most` decisions of [since, until) at the most twice as many, in the order of their ids."""
    return [Vector(*row) for row in _sampled("features", engine, since, until, most)]


def sampled_scores(engine: str, since: datetime, until: datetime, most: int = MOST) -> list[Scored]:
    """The same without their features."""
    columns = "decision = 'approve', transaction_id"
    return [Scored(*row) for row in _sampled(columns, engine, since, until, most)]


def _sampled(columns: str, engine: str, since: datetime, until: datetime, most: int) -> list[tuple]:
    within = {"engine": engine, "since": since, "until": until}
    found: list[tuple] = []
    with connection.cursor() as cursor:
        cursor.execute(BOUNDS, within)
        first, last = cursor.fetchone()
        if first is None or last is None:
            return []
        for ids in steps(first, last, most):
            cursor.execute(ROWS.format(columns=columns), {**within, "ids": ids.tolist()})
            found += cursor.fetchall()
            if len(found) >= most:
                break
    return found


def steps(first: int, last: int, most: int) -> Iterator[np.ndarray]:
    """Ids from first to last in up to ROUNDS sets of at most `most`, no id twice."""
    span = last - first + 1
    if span <= most:
        if span > 0:
            yield np.arange(first, last + 1)
        return
    step = span / most
    rounds = min(ROUNDS, int(step))
    for turn in range(rounds):
        yield (first + (np.arange(most) + turn / rounds) * step).astype(np.int64)
