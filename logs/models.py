"""What is kept of deeds and calls: the append-only audit trail, and answers to idempotent calls."""

from django.db import models
from django.utils import timezone


class AuditEvent(models.Model):
    """One deed. Actor and subject are text, so that the trail outlives what it tells of.

    A trigger refuses UPDATE, DELETE and TRUNCATE (see the migration).
    """

    at = models.DateTimeField(default=timezone.now, editable=False)
    actor_kind = models.CharField(max_length=16)
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=150)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("subject_kind", "subject", "-id"), name="logs_audit_subject"),
            models.Index(fields=("actor", "-id"), name="logs_audit_actor"),
            models.Index(fields=("action", "-id"), name="logs_audit_action"),
        )

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.subject_kind} {self.subject}"


class IdempotentCall(models.Model):
    """A call made under an Idempotency-Key, and its answer once there is one; kept for a day."""

    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    digest = models.BinaryField(max_length=16)
    started_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ("-started_at",)
        constraints = (models.UniqueConstraint(fields=("caller", "key"), name="logs_idempotentcall_once"),)
        indexes = (models.Index(fields=("started_at",), name="logs_idempotentcall_age"),)

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"
