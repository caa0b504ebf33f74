"""The append-only audit trail."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone

from logs.models.subject_keys import PersonalJSONField
from logs.redacting.fields import CardSafeCharField


class AuditEvent(models.Model):
    """One deed. Actor and subject are text, so that the trail outlives what it tells of.

    Triggers refuse UPDATE and TRUNCATE, and DELETE but for retention (see the migrations). A new column must
    be hashed too: COLUMNS in logs/services/chain/hashing.py.
    """

    at = models.DateTimeField(default=timezone.now, editable=False)
    actor_kind = models.CharField(max_length=16)
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject = CardSafeCharField(max_length=150)
    before = PersonalJSONField(null=True, blank=True)
    after = PersonalJSONField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("subject_kind", "subject", "-id"), name="logs_audit_subject"),
            models.Index(fields=("actor", "-id"), name="logs_audit_actor"),
            models.Index(fields=("action", "-id"), name="logs_audit_action"),
            models.Index(
                fields=("request_id",), condition=~models.Q(request_id=""), name="logs_audit_request"
            ),
            BrinIndex(fields=("at",), name="logs_audit_at"),
        )

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.subject_kind} {self.subject}"
