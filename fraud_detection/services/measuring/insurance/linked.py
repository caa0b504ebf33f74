"""The earlier claims that a hit rests on, fetched after the hit, with what they share with it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from fraud_detection.services.measuring.insurance.objects import (
    covered_twice,
    earlier_on_object,
    loss_of,
    near_losses,
)
from fraud_detection.services.responses import timestamp
from transactions.models import InsuranceClaim

YEAR, QUARTER = timedelta(days=365), timedelta(days=90)
MOST = 50
MOST_OF_PROVIDER = 10
IDENTITIES = {"phone": "phone", "bank": "bank_account", "device": "device_id"}
_WITH_KEY = """
    select id, claimant_key, peril_key from transactions_insuranceclaim
    where {key} = %s and {also} and occurred_at > %s and (occurred_at, id) < (%s, %s) and id < %s
    order by occurred_at desc, id desc limit {limit}
"""
Shares = dict[int, list[str]]  # id of a stored claim -> what it has in common with the present one


def shared_identity(event: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Claims of other claimants with the same phone, bank account or device, and who shares what."""
    shares: Shares = {}
    for kind, field in IDENTITIES.items():
        for claim, claimant, _ in _with_key(event, f"{kind}_key", YEAR, 10 * MOST):
            if claimant != event["claimant_key"]:
                shares.setdefault(claim, []).append(field)
    claims = _linked(shares)
    sharing: dict[str, set[str]] = {}
    for claim in claims:
        sharing.setdefault(claim["claimant_id"] or claim["policy_id"], set()).update(claim["shares"])
    return _found(claims) | {"claimants": {name: sorted(what) for name, what in sorted(sharing.items())}}


def duplicates(event: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Claims like this one, and claims with its document, the most alike first."""
    shares: Shares = {}
    limits = metadata["thresholds"]
    if event["object_key"] is not None:
        for gap, difference, claim in near_losses(event, earlier_on_object(event)):
            near = gap <= limits["max_loss_days"] * 86_400_000_000
            if near and difference <= limits["max_difference"] * claim.amount_minor:
                shares[claim.id] = ["object_id", "loss_date", "claim_amount"]
    if event["document_key"] is not None:
        for claim, *_ in _with_key(event, "document_key", None, MOST):
            shares.setdefault(claim, []).append("document_hash")
    return _found(_linked(shares))


def frequency(event: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The claimant's earlier claims in 12 months."""
    found = _with_key(event, "claimant_key", YEAR, MOST)
    same = event["peril_key"]
    shares = {claim: ["peril"] if same is not None and peril == same else [] for claim, _, peril in found}
    return {"claims": _linked(shares)}


def other_policies(event: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Claims on the same object and cover on other policies, and those policies."""
    found = covered_twice(event, earlier_on_object(event))
    claims = _linked({claim.id: ["object_id", "cover"] for claim in found[:MOST]})
    policies = sorted({claim["policy_id"] for claim in claims} | {event["policy_id"]})
    return _found(claims) | {"policies": policies}


def of_provider(event: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The provider's newest claims of the product within the window, and the window."""
    product = f"product_key = {event['product_key']}"
    found = _with_key(event, "provider_key", QUARTER, MOST_OF_PROVIDER, also=product)
    shares = {claim: ["provider_id"] for claim, *_ in found}
    return _found(_linked(shares)) | {"provider_id": event["provider_id"]} | _window(event, QUARTER)


def _window(event: Mapping[str, Any], length: timedelta) -> dict[str, Any]:
    end = event["occurred_at"]
    return {"window": {"from": timestamp(end - length), "to": timestamp(end)}}


def _with_key(
    event: Mapping[str, Any], key: str, window: timedelta | None, limit: int, also: str = "true"
) -> list[tuple[int, int, int | None]]:
    """(id, claimant, peril) of the newest earlier claims with the event's key."""
    if event[key] is None:
        return []
    at, claim = event["occurred_at"], event["id"]
    since = at - window if window else "-infinity"
    with connection.cursor() as cursor:
        cursor.execute(
            _WITH_KEY.format(key=key, also=also, limit=limit), (event[key], since, at, claim, claim)
        )
        return cursor.fetchall()


def _linked(shares: Shares) -> list[dict[str, Any]]:
    """The claims in the order of `shares`, at most MOST of them."""
    found = InsuranceClaim.objects.in_bulk(list(shares)[:MOST])
    return [_described(found[claim], shares[claim]) for claim in shares if claim in found]


def _described(claim: InsuranceClaim, shares: Iterable[str]) -> dict[str, Any]:
    loss = loss_of(claim.loss_date, claim.loss_has_time)
    return {
        "claim_id": claim.claim_id,
        "policy_id": claim.policy_id,
        "claimant_id": claim.claimant_id,
        "object_id": claim.object_id,
        "claim_amount": claim.amount_minor / 100,
        "loss_date": timestamp(loss) if isinstance(loss, datetime) else loss and loss.isoformat(),
        "reported_at": timestamp(claim.occurred_at),
        "shares": list(shares),
    }


def _found(claims: list[dict[str, Any]]) -> dict[str, Any]:
    return {"claims": claims, "events": [claim["claim_id"] for claim in claims]}
