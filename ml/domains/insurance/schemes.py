"""Schemes of insurance fraud as they are known from the trade, each planted a few times in a week.

A claim of a scheme is an ordinary one with something wrong; every second occurrence is done with more care
and shows less of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from ml.data_generation.planted import PlantedEvent
from ml.domains.insurance.generator import ordinary
from ml.domains.insurance.portfolio import Policy, policies

OCCURRENCES = 6
Claims = list[dict[str, Any]]
Scheme = Callable[[np.random.Generator, "Cast", bool], Claims]


class Cast:
    """Who takes part in one occurrence, and when it begins."""

    def __init__(self, rng: np.random.Generator, start: datetime, name: str):
        self.rng, self.start, self.name = rng, start, name
        self.people = policies(rng, 150, start.date(), name)
        self._made = 0

    def claim(self, product: str, hours: float, person: int = 0, **changes: Any) -> dict[str, Any]:
        """An ordinary claim of the person-th holder of the product, `hours` into the occurrence."""
        holder = [policy for policy in self.people if policy.product == product][person]
        reported = self.start + timedelta(hours=hours)
        self._made += 1
        claim = ordinary(self.rng, holder, reported, f"CLM-{self.name}-{self._made:03d}")
        return claim | {"device_id": holder.device_id} | self._of(holder) | changes

    def _of(self, holder: Policy) -> dict[str, Any]:
        """Nothing wrong with it but what the scheme makes so."""
        return {
            "policy_inception": (self.start - timedelta(days=900)).date().isoformat(),
            "policy_end": (self.start + timedelta(days=200)).date().isoformat(),
            "loss_date": (self.start - timedelta(days=2)).date().isoformat(),
            "renewed": True,
        }

    def day(self, days: float) -> str:
        return (self.start + timedelta(days=days)).date().isoformat()


def inflated_total_loss(rng: np.random.Generator, cast: Cast, careful: bool) -> Claims:
    """A worn car is insured, stated and claimed as a good one."""
    claim = cast.claim("motor", 5, peril="theft", cover="comprehensive")
    value = claim["market_value"]
    claimed = round(value * (1.32 if careful else 1.7), 2)
    return [claim | {"estimated_value": claimed, "claim_amount": claimed, "cover_limit": claimed}]


def ghost_policy(rng: np.random.Generator, cast: Cast, careful: bool) -> Claims:
    """Cover is taken out for a loss that is planned, or happened already, and paid to a new account."""
    claim = cast.claim("home", 9, peril="fire", cover="building")
    begun = cast.day(-50 if careful else -1)
    return [
        claim
        | {
            "policy_inception": begun,
            "claim_amount": round(0.97 * claim["cover_limit"], 2),
            "details_changed_at": cast.day(-12),
        }
    ]


def last_days(rng: np.random.Generator, cast: Cast, careful: bool) -> Claims:
    """A loss is found just before the cover runs out, and is worth more than what was lost."""
    claim = cast.claim("motor", 30, peril="collision", cover="comprehensive")
    reported = timedelta(days=10 if careful else 35)
    value = round(1.4 * claim["market_value"], 2)
    return [
        claim
        | {
            "loss_date": (cast.start - reported).date().isoformat(),
            "policy_end": (cast.start - reported + timedelta(days=6)).date().isoformat(),
            "renewed": False,
            "estimated_value": value,
        }
    ]


def claim_farm(rng: np.random.Generator, cast: Cast, careful: bool) -> Claims:
    """One phone and account stand behind several claimants whose policies are young."""
    shared = {"phone": f"+1 777 {cast.name}", "policy_inception": cast.day(-80 if careful else -20)}
    if not careful:
        shared["bank_account"] = f"DE{cast.name}"
    return [
        cast.claim("motor", 6 * number, number, details_changed_at=cast.day(-5), **shared)
        for number in range(4)
    ]


def same_loss_twice(rng: np.random.Generator, cast: Cast, careful: bool) -> Claims:
    """One loss is claimed twice, from two insurers' policies or under another number."""
    first = cast.claim("home", 4, peril="burglary", cover="contents")
    again = first | {
        "claim_id": f"{first['claim_id']}-B",
        "policy_id": f"{first['policy_id']}-B",
        "document_hash": f"doc-{cast.name}-B" if careful else first["document_hash"],
        "claim_amount": round(first["claim_amount"] * 1.03, 2),
        "reported_at": (cast.start + timedelta(hours=40)).isoformat(),
    }
    return [first, again]


def double_insured(rng: np.random.Generator, cast: Cast, careful: bool) -> Claims:
    """A car is insured twice and damaged once on each policy; the second claim is stated too high."""
    first = cast.claim("motor", 3, peril="collision", cover="comprehensive")
    factor = 1.0 if careful else 1.5
    again = first | {
        "claim_id": f"{first['claim_id']}-B",
        "policy_id": f"{first['policy_id']}-B",
        "document_hash": f"doc-{cast.name}-B",
        "loss_date": cast.day(0),
        "claim_amount": round(first["claim_amount"] * 1.4, 2),
        "estimated_value": round(first["market_value"] * factor, 2),
        "reported_at": (cast.start + timedelta(hours=50)).isoformat(),
    }
    return [first, again]


def serial_claimant(rng: np.random.Generator, cast: Cast, careful: bool) -> Claims:
    """One person claims again and again, late, and up to the limit."""
    claims = []
    for number in range(3 if careful else 4):
        claim = cast.claim("travel", 30 * number, peril="baggage", cover="baggage")
        late = 0 if careful else 40
        claim["loss_date"] = (cast.start - timedelta(days=late)).date().isoformat()
        claims.append(claim | {"claim_amount": round(0.95 * claim["cover_limit"], 2)})
    return claims


def claims_mill(rng: np.random.Generator, cast: Cast, careful: bool) -> Claims:
    """A garage writes up far more repairs than others, all of them too dear."""
    claims = []
    for number in range(22):
        claim = cast.claim("motor", 5 * number, number, peril="collision", cover="comprehensive")
        value = claim["market_value"]
        stated = value * (1.1 if careful else 1.35)
        claims.append(
            claim
            | {
                "provider_id": f"MILL-{cast.name}",
                "claim_amount": round(0.7 * value, 2),
                "estimated_value": round(stated, 2),
            }
        )
    return claims


SCHEMES: dict[str, Scheme] = {
    "inflated total loss": inflated_total_loss,
    "ghost policy": ghost_policy,
    "last days of a cover": last_days,
    "claim farm": claim_farm,
    "same loss twice": same_loss_twice,
    "double insured": double_insured,
    "serial claimant": serial_claimant,
    "claims mill": claims_mill,
}


def planted(rng: np.random.Generator, start: datetime, seed: int) -> list[PlantedEvent]:
    """OCCURRENCES of each scheme in the week from `start`."""
    events = []
    for scheme, make in SCHEMES.items():
        for number in range(OCCURRENCES):
            name = f"{seed}{''.join(word[0] for word in scheme.split())}{number}"
            begun = start + timedelta(hours=float(rng.uniform(2, 40)))
            claims = make(rng, Cast(rng, begun, name), number % 2 == 1)
            events += [PlantedEvent(claim, scheme, f"{scheme} {number}") for claim in claims]
    return events
