"""What earlier claims say of the object of a claim: one like it, and other policies that cover it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from ml.domains.insurance.days import span
from ml.features.durations import DAY
from ml.features.spec import BOUND
from transactions.services import run_prepared

NEAR = 30 * DAY  # losses further apart are never one loss
# What a duplicate may differ by; only which of several claims is the most alike depends on these.
LOSS_UNIT, AMOUNT_UNIT = 2 * DAY, 0.05
_EARLIER = f"""
    select id, policy_key, cover_key, amount_minor, loss_date, loss_has_time, policy_inception, policy_end
    from transactions_insuranceclaim
    where object_key = %s and (occurred_at, id) < (%s, %s) and id < %s
    order by occurred_at desc, id desc limit {BOUND - 1}
"""


@dataclass(frozen=True)
class EarlierClaim:
    """A stored claim on the same object; `loss` is a day where no time of day was sent."""

    id: int
    policy_key: int
    cover_key: int | None
    amount_minor: int
    loss: date | datetime | None
    term: tuple[datetime | None, datetime | None]


def measure_object(event: Mapping[str, Any]) -> dict[str, int | None]:
    """The measures `object.*` of a claim."""
    if event["object_key"] is None:
        return {}
    earlier = earlier_on_object(event)
    return _nearest(event, earlier) | {"object.policies": _policies(event, earlier)}


def earlier_on_object(event: Mapping[str, Any]) -> list[EarlierClaim]:
    """The newest 499 earlier claims on the object, newest first."""
    at, claim = event["occurred_at"], event["id"]
    with connection.cursor() as cursor:
        run_prepared(cursor, "claims_on_object", _EARLIER, (event["object_key"], at, claim, claim))
        return [EarlierClaim(*row[:4], loss_of(*row[4:6]), row[6:8]) for row in cursor.fetchall()]


def loss_of(moment: datetime | None, has_time: bool) -> date | datetime | None:
    """A stored loss as it was sent: a day, or a moment."""
    return moment if moment is None or has_time else moment.astimezone(UTC).date()


def near_losses(event: Mapping[str, Any], earlier: list[EarlierClaim]) -> list[tuple[int, int, EarlierClaim]]:
    """(microseconds between the losses, difference of the amounts, claim), the most alike first."""
    if event.get("loss_date") is None:
        return []
    found = [
        (abs(span(event["loss_date"], claim.loss)), abs(event["amount_minor"] - claim.amount_minor), claim)
        for claim in earlier
        if claim.loss is not None
    ]
    return sorted((each for each in found if each[0] <= NEAR), key=_unlikeness)


def _unlikeness(found: tuple[int, int, EarlierClaim]) -> tuple[float, int]:
    gap, difference, claim = found
    return max(gap / LOSS_UNIT, difference / (AMOUNT_UNIT * max(claim.amount_minor, 1))), -claim.id


def _nearest(event: Mapping[str, Any], earlier: list[EarlierClaim]) -> dict[str, int | None]:
    if event.get("loss_date") is None:
        return {}
    near = near_losses(event, earlier)
    if not near:
        return {"object.near": 0}
    gap, difference, claim = near[0]
    return {
        "object.near": len(near),
        "object.gap": gap,
        "object.difference": difference,
        "object.amount": claim.amount_minor,
    }


def _policies(event: Mapping[str, Any], earlier: list[EarlierClaim]) -> int | None:
    if event["cover_key"] is None:
        return None
    others = {claim.policy_key for claim in covered_twice(event, earlier)}
    return 1 + len(others)


def covered_twice(event: Mapping[str, Any], earlier: list[EarlierClaim]) -> list[EarlierClaim]:
    """Claims on the object's same cover on another policy, but for terms known to follow each other."""
    term = (event.get("policy_inception"), event.get("policy_end"))
    return [
        claim
        for claim in earlier
        if claim.cover_key == event["cover_key"]
        and claim.policy_key != event["policy_key"]
        and not (_ends_before(term, claim.term) or _ends_before(claim.term, term))
    ]


def _ends_before(term: tuple, other: tuple) -> bool:
    """Both are known and the one is over when the other begins, as a renewal follows what it renews."""
    end, begin = term[1], other[0]
    return end is not None and begin is not None and span(begin, end) >= 0
