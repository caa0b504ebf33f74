"""Generated claims: what happens to people with policies, and a week of it with schemes planted.

Ordinary claims are what rules must not mistake: households that share a phone, a broker's device, chronic
illness, losses in the first weeks of a cover, an old claim on the same car, total losses at the limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from ml.data_generation.planted import PlantedEvent
from ml.domains.insurance.portfolio import PRODUCTS, Policy, policies, provider_of

START = datetime(2025, 6, 2, tzinfo=UTC)  # the Monday of the generated week
WEEK = timedelta(days=7)
HISTORY = timedelta(days=330)
WEEK_CLAIMS, HISTORY_CLAIMS = 2_000, 2_400
YEAR = 365
PER_CLAIM = 4  # policies for each claim of a year
BROKERS = 12
BY_BROKER = 0.08
MOVED = 0.03
HELD = (
    *("policy_id", "claimant_id", "product", "renewed"),
    *("phone", "bank_account", "device_id", "address"),
)


def generate(
    *, claims: int, seed: int = 1, until: datetime = START, days: float = 365, prefix: str = ""
) -> list[dict[str, Any]]:
    """Ordinary claims as requests, in order of report, of the `days` before `until`."""
    rng = np.random.default_rng(seed)
    held = policies(rng, max(claims * PER_CLAIM, 50), until.date(), f"{prefix}{seed}")
    moments = until - np.sort(rng.uniform(0, days * 86_400, claims))[::-1] * timedelta(seconds=1)
    return [
        ordinary(rng, held[int(rng.integers(len(held)))], moment, f"CLM-{prefix}{seed}-{number:05d}")
        for number, moment in enumerate(moments)
    ]


def ordinary(rng: np.random.Generator, policy: Policy, reported: datetime, claim_id: str) -> dict[str, Any]:
    """A claim of a policyholder to whom something happened."""
    product = PRODUCTS[policy.product]
    perils = list(product.perils)
    peril = perils[int(rng.choice(len(perils), p=[product.perils[name].share for name in perils]))]
    amount = _amount(rng, policy, peril)
    loss = reported.date() - timedelta(days=int(rng.exponential(product.delay)))
    begun, ends = _term(policy, loss)
    record: dict[str, Any] = {
        "claim_id": claim_id,
        "peril": peril,
        "cover": product.covers[peril],
        "claim_amount": amount,
        "estimated_value": round(policy.value * float(rng.normal(1.0, 0.05)), 2),
        "loss_date": loss.isoformat(),
        "reported_at": reported.isoformat(),
        "policy_inception": begun.isoformat(),
        "policy_end": ends.isoformat(),
        "document_hash": f"doc-{claim_id}",
    }
    if policy.increased and begun < policy.increased <= loss:
        record["last_cover_increase"] = policy.increased.isoformat()
    return record | _as_held(policy) | _circumstances(rng, policy, reported)


def _as_held(policy: Policy) -> dict[str, Any]:
    """What a claim repeats of its policy and holder."""
    held = {name: getattr(policy, name) for name in HELD}
    held |= {"market_value": policy.value, "cover_limit": policy.limit}
    return held if policy.object_id is None else held | {"object_id": policy.object_id}


def _circumstances(rng: np.random.Generator, policy: Policy, reported: datetime) -> dict[str, Any]:
    """Some file through a broker, some have moved, most claims pay somebody."""
    found = {}
    if rng.random() < BY_BROKER:
        found["device_id"] = f"BROKER-{int(rng.integers(BROKERS)):02d}"
    if rng.random() < MOVED:
        found["details_changed_at"] = (reported - timedelta(days=float(rng.uniform(1, 60)))).isoformat()
    if rng.random() < 0.8:
        found["provider_id"] = provider_of(rng, policy.product)
    return found


def _term(policy: Policy, loss: date) -> tuple[date, date]:
    """When the cover began, years earlier where the loss would come before it, and when its term ends."""
    years_short = max(0, -((loss - policy.inception).days // YEAR))
    begun = policy.inception - timedelta(days=years_short * YEAR)
    return begun, begun + timedelta(days=YEAR * (1 + (loss - begun).days // YEAR))


def _amount(rng: np.random.Generator, policy: Policy, peril: str) -> float:
    kind = PRODUCTS[policy.product].perils[peril]
    amount = kind.median * float(rng.lognormal(0, kind.spread)) * (policy.value if kind.of_value else 1.0)
    return round(min(max(amount, 40.0), policy.limit), 2)


def generate_week(*, seed: int = 1, scale: float = 1.0) -> list[PlantedEvent]:
    """A week of claims after most of a year of them, with every scheme planted among them."""
    from ml.domains.insurance.schemes import planted

    rng = np.random.default_rng(seed + 1_000)
    until = START + WEEK
    past = generate(
        claims=max(int(HISTORY_CLAIMS * scale), 400), seed=seed, until=START, days=HISTORY.days, prefix="H"
    )
    present = generate(claims=max(int(WEEK_CLAIMS * scale), 100), seed=seed + 1, until=until, days=7)
    events = [PlantedEvent(record, warmup=True) for record in past]
    events += [PlantedEvent(record) for record in _with_returning(rng, past, present)]
    events += planted(rng, START, seed)
    return sorted(events, key=lambda event: event.record["reported_at"])


def _with_returning(
    rng: np.random.Generator, past: Sequence[Mapping[str, Any]], present: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """One claim in twelve is of somebody who claimed within the year: what happens to people repeats."""
    same = (*HELD, "market_value", "cover_limit", "policy_inception", "object_id")
    by_product: dict[str, list[Mapping[str, Any]]] = {}
    for claim in past:
        by_product.setdefault(claim["product"], []).append(claim)
    for claim in present:
        earlier = by_product.get(claim["product"])
        if earlier and rng.random() < 1 / 12:
            old = earlier[int(rng.integers(len(earlier)))]
            claim.update({name: old[name] for name in same if name in old})
            claim["estimated_value"] = round(old["market_value"] * float(rng.normal(1.0, 0.05)), 2)
            claim["claim_amount"] = min(claim["claim_amount"], old["cover_limit"])
    return list(present)
