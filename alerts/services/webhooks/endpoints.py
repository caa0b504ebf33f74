"""Endpoints are made, changed, switched off and given new secrets; each deed leaves an audit row."""

import re
import socket
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alerts.models import DeliveryState, OutboxMessage, WebhookDelivery, WebhookEndpoint, WebhookEvent
from alerts.services.delivering.addresses import refused
from alerts.services.sealing import seal
from alerts.services.system import clear_system_alert
from alerts.services.webhooks.payloads import TEST
from alerts.services.webhooks.signing import new_secret
from alerts.services.webhooks.subscribing import forget
from logs.services import record
from users.models import User

MOST_ENDPOINTS = 100
FORMER_SECRET_LIVES = timedelta(hours=24)
UNFIT = re.compile(r"[^\x21-\x7e]")
FIELDS = ("url", "events", "description", "active")


class EndpointRefused(ValueError):
    """Values an endpoint cannot have; `field` names which."""

    def __init__(self, field: str, message: str):
        self.field, self.message = field, message
        super().__init__(message)


class EndpointConflict(Exception):
    """The endpoint changed since the caller looked, or is gone."""

    def __init__(self, endpoint: WebhookEndpoint):
        when = timezone.localtime(endpoint.changed_at).strftime("%H:%M:%S")
        what = "deleted" if endpoint.deleted_at else "changed"
        super().__init__(
            f"{endpoint.changed_by} {what} {endpoint} at {when}; it is now at version {endpoint.revision}"
        )


def new_endpoint(
    *,
    url: str,
    events: Sequence[str],
    acting_user: User,
    description: str = "",
    active: bool = True,
    request_id: str = "",
) -> tuple[WebhookEndpoint, str]:
    """Store an endpoint; returns it with its secret, which is never shown again."""
    _check(url, events, description)
    secret = new_secret()
    with transaction.atomic():
        if WebhookEndpoint.objects.filter(deleted_at=None).count() >= MOST_ENDPOINTS:
            raise EndpointRefused("url", f"there are {MOST_ENDPOINTS} endpoints already; delete one first")
        endpoint = WebhookEndpoint.objects.create(
            url=url,
            events=sorted(set(events)),
            description=description.strip(),
            active=active,
            off_reason="" if active else f"made inactive by {acting_user.email}",
            sealed_secret=seal(secret),
            created_by=acting_user.email,
            changed_by=acting_user.email,
        )
        _audit("webhook.created", endpoint, acting_user, request_id, after=_shown(endpoint))
    forget()
    return endpoint, secret


def change_endpoint(
    endpoint_id: int, *, seen: int, acting_user: User, request_id: str = "", **changes
) -> WebhookEndpoint:
    """Change url, events, description or active; raises EndpointRefused or EndpointConflict.

    Switching it off gives up what waits for it; switching it on forgets its failures.
    """
    with transaction.atomic():
        endpoint = _locked(endpoint_id, seen)
        before = _shown(endpoint)
        for name in changes.keys() & set(FIELDS):
            setattr(endpoint, name, changes[name])
        _check(endpoint.url, endpoint.events, endpoint.description)
        endpoint.events = sorted(set(endpoint.events))
        if endpoint.active:
            endpoint.off_reason, endpoint.paused_until, endpoint.failures = "", None, 0
            endpoint.failing_since = None
            _clear_alarm(endpoint, "it was switched on again")
        elif before["active"]:
            switch_off(endpoint, f"switched off by {acting_user.email}")
        _save(endpoint, acting_user)
        _audit("webhook.changed", endpoint, acting_user, request_id, before, _shown(endpoint))
    forget()
    return endpoint


def delete_endpoint(endpoint_id: int, *, acting_user: User, seen: int | None = None, request_id: str = ""):
    """Send nothing to it any more; its log stays until it is old."""
    with transaction.atomic():
        endpoint = _locked(endpoint_id, seen)
        switch_off(endpoint, f"deleted by {acting_user.email}")
        endpoint.deleted_at = timezone.now()
        _clear_alarm(endpoint, "it was deleted")
        _save(endpoint, acting_user)
        _audit("webhook.deleted", endpoint, acting_user, request_id, before=_shown(endpoint))
    forget()


def rotate_secret(
    endpoint_id: int, *, acting_user: User, request_id: str = ""
) -> tuple[WebhookEndpoint, str]:
    """Give it a new secret; what is sent carries signatures by both for a day. Returns the new one."""
    secret = new_secret()
    with transaction.atomic():
        endpoint = _locked(endpoint_id, None)
        endpoint.sealed_former_secret = endpoint.sealed_secret
        endpoint.sealed_secret = seal(secret)
        endpoint.former_secret_until = timezone.now() + FORMER_SECRET_LIVES
        _save(endpoint, acting_user)
        _audit("webhook.secret_rotated", endpoint, acting_user, request_id)
    return endpoint, secret


def send_test(endpoint_id: int, *, acting_user: User, request_id: str = "") -> WebhookDelivery:
    """Queue a message of the type webhook.test for this endpoint alone; raises EndpointRefused."""
    with transaction.atomic():
        endpoint = _locked(endpoint_id, None)
        if not endpoint.active:
            raise EndpointRefused("active", "the endpoint is switched off; switch it on first")
        now = timezone.now()
        message = OutboxMessage.objects.create(
            topic=TEST, payload={"text": "A test by FraudGuard."}, delivered_at=now, relayed_at=now
        )
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(paused_until=None)
        _audit("webhook.tested", endpoint, acting_user, request_id)
        return WebhookDelivery.objects.create(message=message, endpoint=endpoint, event=TEST)


def switch_off(endpoint: WebhookEndpoint, reason: str) -> int:
    """Give up what waits for it, with the reason; returns how many. The caller saves the endpoint."""
    endpoint.active, endpoint.off_reason = False, reason[:300]
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=DeliveryState.PENDING)
    return waiting.update(state=DeliveryState.DEAD, dead_reason=f"endpoint {reason}"[:500])


def alarm_of(endpoint: WebhookEndpoint) -> dict[str, str]:
    """How a system alert about it is named."""
    return {"engine": "webhooks", "kind": f"webhook.disabled.{endpoint.pk}"}


def _clear_alarm(endpoint: WebhookEndpoint, why: str) -> None:
    clear_system_alert(**alarm_of(endpoint), message=f"{endpoint}: {why}", at=timezone.now())


def _locked(endpoint_id: int, seen: int | None) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=endpoint_id)
    if endpoint.deleted_at or (seen is not None and seen != endpoint.revision):
        raise EndpointConflict(endpoint)
    return endpoint


def _save(endpoint: WebhookEndpoint, user: User) -> None:
    endpoint.revision += 1
    endpoint.changed_at, endpoint.changed_by = timezone.now(), user.email
    endpoint.save()


def _check(url: str, events: Sequence[str], description: str) -> None:
    _check_url(url)
    unknown = sorted(set(events) - set(WebhookEvent.values))
    if unknown or not events:
        what = f"{unknown[0][:40]!r} is no event" if unknown else "name one event at least"
        raise EndpointRefused("events", f"{what}; there are {', '.join(WebhookEvent.values)}")
    if len(description) > 200 or re.search("[\x00-\x08\ud800-\udfff]", description):
        raise EndpointRefused("description", "at most 200 characters, without control characters")


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise EndpointRefused("url", "is no address") from None
    if len(url) > 2000 or UNFIT.search(url):
        raise EndpointRefused("url", "at most 2,000 ASCII characters without blanks; encode others as %XX")
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise EndpointRefused("url", "must be https://host/path")
    if parts.scheme == "http" and not settings.WEBHOOK_ALLOW_HTTP:
        raise EndpointRefused("url", "must be https; WEBHOOK_ALLOW_HTTP=true allows http")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise EndpointRefused("url", "must not carry a user, a password or a fragment")
    address = _numeric(parts.hostname)
    if address and refused(address):
        raise EndpointRefused(
            "url", f"{address} is a private or reserved address; WEBHOOK_ALLOWED_NETWORKS can allow it"
        )


def _numeric(host: str) -> str | None:
    """The address when the host is one in any spelling; names are looked at when something is sent."""
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None
    return found[0][4][0]


def _shown(endpoint: WebhookEndpoint) -> dict:
    return {name: getattr(endpoint, name) for name in FIELDS}


def _audit(
    action: str,
    endpoint: WebhookEndpoint,
    user: User,
    request_id: str,
    before: dict | None = None,
    after: dict | None = None,
) -> None:
    record(
        action,
        actor_kind="user",
        actor=user.email,
        subject_kind="webhook",
        subject=str(endpoint.pk),
        before=before,
        after=after,
        request_id=request_id,
    )
