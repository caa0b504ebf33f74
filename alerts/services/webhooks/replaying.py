"""Sending again what was given up, or was delivered and got lost behind the receiver's door."""

from django.db import transaction
from django.db.models import QuerySet

from alerts.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from alerts.services.delivering.waiting import database_now
from logs.services import record
from users.models import User


class ReplayRefused(ValueError):
    """What cannot be sent again now; the message says why and what would help."""


@transaction.atomic
def replay(delivery_id: int, *, acting_user: User, request_id: str = "") -> WebhookDelivery:
    """Send one delivery again, under its webhook-id; raises ReplayRefused."""
    endpoint = _held(WebhookDelivery.objects.get(pk=delivery_id).endpoint_id)
    delivery = WebhookDelivery.objects.select_for_update(of=("self",)).get(pk=delivery_id)
    if delivery.state == DeliveryState.PENDING:
        raise ReplayRefused("it is still being tried; there is nothing to replay")
    _again(WebhookDelivery.objects.filter(pk=delivery.pk), endpoint, acting_user)
    _audit(str(delivery.pk), "webhook_delivery", 1, acting_user, request_id)
    delivery.refresh_from_db()
    return delivery


@transaction.atomic
def replay_dead(endpoint_id: int, *, acting_user: User, request_id: str = "") -> int:
    """Send again everything that was given up for an endpoint; returns how many."""
    endpoint = _held(endpoint_id)
    dead = WebhookDelivery.objects.filter(endpoint=endpoint, state=DeliveryState.DEAD)
    count = _again(dead, endpoint, acting_user)
    if count:
        _audit(str(endpoint.pk), "webhook", count, acting_user, request_id)
    return count


def _held(endpoint_id: int) -> WebhookEndpoint:
    """Before its deliveries, as whoever notes tries does; it is not switched off meanwhile."""
    return WebhookEndpoint.objects.select_for_update().get(pk=endpoint_id)


def _again(found: QuerySet[WebhookDelivery], endpoint: WebhookEndpoint, user: User) -> int:
    if not endpoint.active or endpoint.deleted_at:
        raise ReplayRefused(f"{endpoint} is switched off ({endpoint.off_reason}); switch it on first")
    now = database_now()
    return found.update(
        state=DeliveryState.PENDING,
        rounds=0,
        scheduled_at=now,
        next_attempt_at=now,
        delivered_at=None,
        dead_reason="",
        replayed_by=user.email,
    )


def _audit(subject: str, kind: str, count: int, user: User, request_id: str) -> None:
    record(
        "webhook.replayed",
        actor_kind="user",
        actor=user.email,
        subject_kind=kind,
        subject=subject,
        after={"deliveries": count},
        request_id=request_id,
    )
