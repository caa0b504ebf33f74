"""The outbox through which others hear of what happened."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from logs.redacting.fields import CardSafeCharField, CardSafeJSONField


class OutboxMessage(models.Model):
    """Something others must hear, written in the transaction of what it tells; delivered at least once.

    `relayed_at`: when its deliveries to endpoints and people were written, each of which retries by itself.
    The other fields tell of live pages.
    """

    topic = models.CharField(max_length=64)
    payload = CardSafeJSONField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True, blank=True)
    dead_reason = CardSafeCharField(max_length=500, blank=True)
    relayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(
                fields=("next_attempt_at", "id"),
                condition=Q(delivered_at__isnull=True, dead_reason=""),
                name="alerts_outbox_pending",
            ),
            models.Index(
                fields=("id",), condition=Q(relayed_at__isnull=True), name="alerts_outbox_unrelayed"
            ),
        )

    def __str__(self) -> str:
        return f"{self.topic} {self.pk}"
