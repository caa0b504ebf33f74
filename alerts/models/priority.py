"""How urgent an alert is: risk x amount at stake x age against its due time.

    priority = risk / 100  x  max(stake, 100.00)  x  2 ** ((now - due) / 8 h)

Risk is 0-100 (at least 1), the stake is in the reporting currency: small or unknown sums count as 100.00,
so that an alert without money at stake is not lost. What is due later than now weighs less, what is overdue
more, doubling every eight hours. As every alert doubles at the same pace, their order does not depend on
`now`: the logarithm without it is stored by the database with the row (`Alert.priority_key`), and an index
keeps the queue in order.
"""

from datetime import UTC, datetime
from math import exp, log

from django.db import models

DOUBLES_EVERY_S = 8 * 3600
LEAST_RISK = 1
LEAST_STAKE_MINOR = 100_00
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
LN2 = log(2)
MIDDLE = log(1_000)  # a priority of 1,000 is 50 points
FURTHEST = 60.0  # beyond it exp adds nothing to points and money


class PriorityKey(models.Func):
    """The natural logarithm of the priority at EPOCH, as PostgreSQL computes it for every row."""

    template = (
        f"(ln(greatest(risk_score, {LEAST_RISK}) / 100)"
        f" + ln(greatest(amount_minor, {LEAST_STAKE_MINOR})::double precision / 100)"
        f" - ln(2::double precision) * extract(epoch from due_at - '2020-01-01 00:00:00+00'::timestamptz)"
        f"::double precision / {DOUBLES_EVERY_S})"
    )

    def __init__(self) -> None:
        super().__init__(output_field=models.FloatField())


def priority_key(risk_score: float, amount_minor: int, due_at: datetime) -> float:
    """What the database stores, to the last bits of a float."""
    worth = log(max(risk_score, LEAST_RISK) / 100) + log(max(amount_minor, LEAST_STAKE_MINOR) / 100)
    return worth - LN2 * (due_at - EPOCH).total_seconds() / DOUBLES_EVERY_S


def priority_at(key: float, now: datetime) -> float:
    """The priority at a moment, in units of the reporting currency."""
    return exp(min(_log_at(key, now), FURTHEST))


def points_at(key: float, now: datetime) -> int:
    """The priority on a scale of 0 to 99, for people: 50 for 1,000, 76 for 10,000, 91 for 100,000."""
    half = (MIDDLE - _log_at(key, now)) / 2
    return min(int(100 / (1 + exp(max(min(half, FURTHEST), -FURTHEST)))), 99)


def _log_at(key: float, now: datetime) -> float:
    return key + LN2 * (now - EPOCH).total_seconds() / DOUBLES_EVERY_S
