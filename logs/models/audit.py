"""The append-only audit trail."""

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
