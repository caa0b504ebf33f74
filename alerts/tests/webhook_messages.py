"""Messages for endpoints, and deliveries that come due."""

from alerts.models import (
    OutboxMessage,
    WebhookDelivery,
    WebhookEndpoint,
)
from alerts.services.delivering.waiting import database_now
from alerts.services.outbox import relay_outbox


def tell(*numbers, topic="alert.created"):
    OutboxMessage.objects.bulk_create(
        OutboxMessage(
            topic=topic,
            payload={"alert_id": n, "severity": "low", "engine": "payments", "reason": "Ann Lee paid"},
        )
        for n in numbers
    )
    relay_outbox()


def come_due(delivery=None):
    found = WebhookDelivery.objects.filter(state="pending")
    found.update(next_attempt_at=database_now(), scheduled_at=database_now())
    WebhookEndpoint.objects.update(paused_until=None)
