"""Searches that would take a decision too long."""

from django.db import models
from django.utils import timezone


class DeepSearch(models.Model):
    """An event whose search for evidence left something out; a worker looks further, then removes the row."""

    event = models.OneToOneField(
        "transactions.Transaction", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("event",)
        verbose_name_plural = "deep searches"

    def __str__(self) -> str:
        return f"event {self.event_id}"
