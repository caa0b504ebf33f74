"""A claim: its amounts side by side, its days in order, and the claims and claimants it is linked with."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fraud_detection.models import Assessment, RuleHit
from transactions.models import InsuranceClaim

AMOUNTS = {
    "claim_amount": "Claimed",
    "estimated_value": "Stated value",
    "market_value": "Market value",
    "cover_limit": "Limit of the cover",
}
DAYS = {
    "policy_inception": "Cover began",
    "last_cover_increase": "Cover raised",
    "details_changed_at": "Details changed",
    "loss_date": "Loss",
    "occurred_at": "Reported",
    "policy_end": "Cover ends",
}
SHARED = {
    "phone": "phone",
    "bank_account": "bank account",
    "device_id": "device",
    "object_id": "object",
    "loss_date": "loss date",
    "claim_amount": "amount",
    "document_hash": "document",
    "provider_id": "provider",
}
PROVIDER_RULE = "ProviderOutlierRule"
WIDTH, HEIGHT, MOST_DRAWN = 640, 220, 10


def show(assessment: Assessment, hits: Sequence[RuleHit]) -> dict[str, Any] | None:
    """What becomes of the claim, amounts and days as sent, linked claims, who shares what, the provider."""
    claim = assessment.claim
    if claim is None:
        return None
    return {
        "handling": (assessment.details or {}).get("handling", ""),
        "claim": claim,
        "amounts": _amounts(claim),
        "days": _days(claim),
        "linked": _linked(hits),
        "graph": _graph(claim, hits),
        "provider": next((hit.metadata for hit in hits if hit.rule == PROVIDER_RULE), None),
    }


def _amounts(claim: InsuranceClaim) -> list[tuple[str, Any, float]]:
    """(label, amount, width of its bar in per cent of the largest)."""
    given = [(label, getattr(claim, name)) for name, label in AMOUNTS.items()]
    largest = max(amount for _, amount in given if amount is not None)
    return [
        (label, amount, round(float(100 * amount / largest), 1))
        for label, amount in given
        if amount is not None
    ]


def _days(claim: InsuranceClaim) -> list[tuple[str, datetime, int | None]]:
    """(what, when, days since the one before), in order."""
    given = [(label, getattr(claim, name)) for name, label in DAYS.items()]
    ordered = sorted(((label, at) for label, at in given if at is not None), key=lambda pair: pair[1])
    before = [None, *(at for _, at in ordered)]
    return [
        (label, at, None if earlier is None else (at.date() - earlier.date()).days)
        for (label, at), earlier in zip(ordered, before, strict=False)
    ]


def _linked(hits: Sequence[RuleHit]) -> list[dict[str, Any]]:
    """Every linked claim once, with all that it shares and the rules that point to it."""
    found: dict[str, dict[str, Any]] = {}
    for hit in hits:
        for part in hit.metadata.get("claims", ()):
            entry = found.setdefault(part["claim_id"], _entry(part))
            entry["shares"] += [_word(name) for name in part["shares"] if _word(name) not in entry["shares"]]
            entry["rules"].append(hit.rule)
    return sorted(found.values(), key=lambda entry: -len(entry["shares"]))


def _entry(part: Mapping[str, Any]) -> dict[str, Any]:
    loss = part["loss_date"] and datetime.fromisoformat(part["loss_date"])
    return {**part, "shares": [], "rules": [], "loss": loss and f"{loss:%-d %b %Y}"}


def _word(name: str) -> str:
    return SHARED.get(name, name)


def _graph(claim: InsuranceClaim, hits: Sequence[RuleHit]) -> dict[str, Any] | None:
    """This claimant in the middle, those around with whom it shares something; None when it is alone."""
    sharing: Mapping[str, list[str]] = {}
    for hit in hits:
        sharing = sharing or hit.metadata.get("claimants", {})
    drawn = sorted(sharing.items(), key=lambda pair: (-len(pair[1]), pair[0]))[:MOST_DRAWN]
    if not drawn:
        return None
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "x": WIDTH / 2,
        "y": HEIGHT / 2,
        "name_y": HEIGHT / 2 + 24,
        "name": claim.claimant_id or claim.policy_id,
        "others": [_node(place, len(drawn), *pair) for place, pair in enumerate(drawn)],
        "left_out": len(sharing) - len(drawn),
    }


def _node(place: int, of: int, name: str, shares: Sequence[str]) -> dict[str, Any]:
    angle = 2 * math.pi * (place + 0.5) / of
    x = WIDTH / 2 + 0.39 * WIDTH * math.cos(angle)
    y = HEIGHT / 2 + 0.40 * HEIGHT * math.sin(angle)
    return {
        "name": name,
        "shares": ", ".join(_word(share) for share in shares),
        "x": round(x, 1),
        "y": round(y, 1),
        "name_y": round(y + 20, 1),
        "label_x": round((x + WIDTH / 2) / 2, 1),
        "label_y": round((y + HEIGHT / 2) / 2, 1),
    }
