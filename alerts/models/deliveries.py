"""What is sent to whom, try by try: to webhook endpoints, and as notifications to people and channels."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from alerts.models.outbox import OutboxMessage
from alerts.models.severity import Severity
from alerts.models.webhooks import WebhookEndpoint
from logs.redacting.fields import CardSafeCharField, CardSafeTextField


class DeliveryState(models.TextChoices):
    GATHERING = "gathering", "Gathering"  # notifications only: more may join until it is due
    PENDING = "pending", "Waiting"
    DELIVERED = "delivered", "Delivered"
    DEAD = "dead", "Given up"


def new_webhook_id() -> str:
    return f"msg_{uuid.uuid4().hex}"


class Delivery(models.Model):
    """What both kinds share. `rounds` counts the waits, `attempts` what was really sent.

    A wait is `next_attempt_at` - `scheduled_at`, both by the database's clock: when that clock is set back,
    `scheduled_at` lies ahead, and the wait starts anew instead of lasting hours.
    """

    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    rounds = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    scheduled_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True, blank=True)
    dead_reason = CardSafeCharField(max_length=500, blank=True)
    replayed_by = models.CharField(max_length=150, blank=True)

    class Meta:
        abstract = True


class WebhookDelivery(Delivery):
    """One event for one endpoint; `webhook_id` is the same at every try, so that receivers can tell."""

    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="webhook_deliveries")
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries")
    event = models.CharField(max_length=64)
    webhook_id = models.CharField(max_length=40, unique=True, default=new_webhook_id)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("message", "endpoint"), name="alerts_one_delivery_per_endpoint"),
        )
        indexes = (
            models.Index(
                fields=("endpoint", "next_attempt_at", "id"),
                condition=Q(state=DeliveryState.PENDING),
                name="alerts_webhook_pending",
            ),
            models.Index(fields=("endpoint", "-id"), name="alerts_webhook_newest"),
        )

    def __str__(self) -> str:
        return self.webhook_id


class NotificationDelivery(Delivery):
    """One message to one person or channel about one or many events: what comes thick and fast is joined.

    `destination` is `email:<person>`, `channel:<id>` or `notify_urls:<number>`. `tally` is, by
    topic, {"count", "severities", "first"}; `lane` is the topic, or "digest" for who wants digests.
    `subject` and `body` are written at the first try and stay.
    """

    destination = models.CharField(max_length=64)
    lane = models.CharField(max_length=64)
    tally = models.JSONField(default=dict)
    count = models.PositiveIntegerField(default=0)
    severity = models.CharField(max_length=16, choices=Severity)
    message_key = models.UUIDField(default=uuid.uuid4, editable=False)
    subject = CardSafeCharField(max_length=200, blank=True)
    body = CardSafeTextField(blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("destination", "lane"),
                condition=Q(state=DeliveryState.GATHERING),
                name="alerts_one_gathering",
            ),
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values), name="alerts_notification_severity"
            ),
        )
        indexes = (
            models.Index(
                fields=("next_attempt_at", "id"),
                condition=Q(state__in=("gathering", "pending")),
                name="alerts_notification_pending",
            ),
            models.Index(fields=("destination", "lane", "-id"), name="alerts_notification_newest"),
        )

    def __str__(self) -> str:
        return f"N-{self.pk}"


class DeliveryAttempt(models.Model):
    """One try of a delivery: what came of it, how long it took, and the beginning of the answer."""

    webhook = models.ForeignKey(
        WebhookDelivery, null=True, blank=True, on_delete=models.CASCADE, related_name="tries"
    )
    notification = models.ForeignKey(
        NotificationDelivery, null=True, blank=True, on_delete=models.CASCADE, related_name="tries"
    )
    at = models.DateTimeField(default=timezone.now)
    status = models.PositiveIntegerField(null=True, blank=True, help_text="Of HTTP; none without an answer.")
    latency_ms = models.PositiveIntegerField()
    error = CardSafeCharField(max_length=300, blank=True)
    response = CardSafeCharField(max_length=500, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(webhook__isnull=False, notification__isnull=True)
                | Q(webhook__isnull=True, notification__isnull=False),
                name="alerts_attempt_of_one",
            ),
        )

    def __str__(self) -> str:
        return f"{self.status or self.error}"
