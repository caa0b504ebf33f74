"""Checking that a webhook came from FraudGuard, unchanged and lately (the Standard Webhooks scheme)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

PREFIX = "whsec_"


class WebhookRefused(Exception):
    """Not ours, changed on its way, or too old; answer 400 and do nothing."""


def verify_webhook(
    headers: Mapping[str, str],
    body: bytes,
    secrets: str | Sequence[str],
    *,
    tolerance_seconds: int = 300,
    now: float | None = None,
) -> Any:
    """The message, once its signature holds under one of the secrets; raises WebhookRefused.

    `body` is the request's body as it came. `webhook-id` stays the same when a message is delivered
    twice: remember it to act once.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        identity, sent, signatures = (given[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
    except KeyError as missing:
        raise WebhookRefused(f"the header {missing.args[0]} is missing") from None
    _check_age(sent, time.time() if now is None else now, tolerance_seconds)
    signed = b".".join((identity.encode(), sent.encode(), body))
    wanted = [_signature(secret, signed) for secret in ([secrets] if isinstance(secrets, str) else secrets)]
    offered = [part.removeprefix("v1,") for part in signatures.split() if part.startswith("v1,")]
    if not any(hmac.compare_digest(one, other) for one in wanted for other in offered):
        raise WebhookRefused("no signature holds under the secret")
    return json.loads(body)


def _check_age(sent: str, now: float, tolerance: int) -> None:
    if not (sent.isascii() and sent.isdecimal()):
        raise WebhookRefused("webhook-timestamp is not a number of seconds")
    if abs(now - int(sent)) > tolerance:
        raise WebhookRefused(f"it was sent {now - int(sent):.0f} seconds ago; {tolerance} are tolerated")


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
