"""Answers to idempotent calls."""

from django.db import models

from logs.redacting.fields import CardSafeCharField, CardSafeJSONField


class IdempotentCall(models.Model):
    """A call made under an Idempotency-Key, and its answer once there is one; kept for a day."""

    caller = models.CharField(max_length=64)
    key = CardSafeCharField(max_length=255)
    digest = models.BinaryField(max_length=16)
    started_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = CardSafeJSONField(null=True, blank=True)

    class Meta:
        ordering = ("-started_at",)
        constraints = (models.UniqueConstraint(fields=("caller", "key"), name="logs_idempotentcall_once"),)
        indexes = (models.Index(fields=("started_at",), name="logs_idempotentcall_age"),)

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"
