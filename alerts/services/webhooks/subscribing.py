"""decision.made, which is written only while somebody subscribes to it: deciding must stay cheap."""

import time
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Any

from django.conf import settings
from django.utils import timezone

from alerts.models import OutboxMessage, WebhookEndpoint, WebhookEvent

KNOWN_FOR = 2.0  # seconds a process trusts its last look
_looked: tuple[float, bool] | None = None


def decisions_wanted() -> bool:
    """True while a stream or an active endpoint takes decision.made, as of two seconds ago at most."""
    global _looked
    if settings.STREAM_OUT and WebhookEvent.DECISION_MADE in settings.STREAM_OUT_TOPICS:
        return True
    now = time.monotonic()
    if _looked is None or now - _looked[0] > KNOWN_FOR:
        hearers = WebhookEndpoint.objects.filter(
            active=True, deleted_at=None, events__contains=[WebhookEvent.DECISION_MADE]
        )
        _looked = (now, hearers.exists())
    return _looked[1]


def forget() -> None:
    """Look again at the next decision: an endpoint changed."""
    global _looked
    _looked = None


def publish_decisions(
    engine: str, bodies: Iterable[Mapping[str, Any]], *, customers: Iterable[str] = ()
) -> None:
    """Write decision.made for fresh decisions, in their transaction; nothing when nobody subscribes.

    `bodies` are answers of the API, `customers` whose events they decide: a stream keeps the order of each.
    Live pages hear of decisions on their own way, so they are not told.
    """
    if not decisions_wanted():
        return
    now = timezone.now()
    OutboxMessage.objects.bulk_create(
        OutboxMessage(
            topic=WebhookEvent.DECISION_MADE,
            payload=_fields(engine, body) | ({"key": customer} if customer else {}),
            created_at=now,
            delivered_at=now,
        )
        for body, customer in zip_longest(bodies, customers)
    )


def _fields(engine: str, body: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("id", "transaction_id", "decision", "risk_score", "risk_level", "fraud_probability", "degraded")
    return {
        **{name: body[name] for name in kept},
        "engine": engine,
        "reason_codes": [reason["code"] for reason in body["reasons"]],
        "rules": [alert["rule"] for alert in body["alerts"]],
        "model_version": body["model_version"],
        "ruleset_version": body["ruleset_version"],
        "at": body["timestamp"],
    }
