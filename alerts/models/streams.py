"""What waits to be written to the streams that others read."""

from django.db import models

from alerts.models.outbox import OutboxMessage


class StreamDelivery(models.Model):
    """A message that is still to be written to a stream; the row goes when the stream has taken it."""

    message = models.OneToOneField(OutboxMessage, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "stream deliveries"

    def __str__(self) -> str:
        return f"message {self.message_id}"
