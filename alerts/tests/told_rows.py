"""One row of every model of webhooks and notifications, for tests that look at all of them."""

from django.utils import timezone

from alerts.models import (
    Notification,
    NotificationChannel,
    NotificationDelivery,
    NotificationPreference,
    NotificationTemplate,
    OutboxMessage,
    WebhookDelivery,
)
from alerts.services.notifying import managing
from alerts.services.watching import beat
from alerts.services.webhooks import new_endpoint
from users.models import User


def make_told_rows(user: User) -> None:
    endpoint, _ = new_endpoint(url="https://93.184.216.34/hook", events=["case.closed"], acting_user=user)
    message = OutboxMessage.objects.create(topic="case.closed", payload={}, relayed_at=timezone.now())
    delivery = WebhookDelivery.objects.create(message=message, endpoint=endpoint, event="case.closed")
    delivery.tries.create(latency_ms=3, status=204)
    NotificationDelivery.objects.create(destination=f"email:{user.pk}", lane="case.closed", severity="low")
    Notification.objects.create(user=user, topic="case.closed", severity="low", title="closed")
    NotificationChannel.objects.create(name="ops", service="JSON", sealed_url="x", created_by=user.email)
    NotificationPreference.objects.create(user=user)
    NotificationTemplate.objects.create(topic="many", subject="s", body="b", changed_by=user.email)
    rule = {"name": "mine", "topic": "case.closed", "roles": ["admin"], "channels": ["in_app"]}
    managing.save_rule(None, values=rule, acting_user=user)
    beat("live")
