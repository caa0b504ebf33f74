"""Endpoints of other systems that hear of events."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from logs.redacting.fields import CardSafeCharField


class WebhookEvent(models.TextChoices):
    DECISION_MADE = "decision.made", "A decision was made"
    ALERT_CREATED = "alert.created", "An alert was opened"
    ALERT_RESOLVED = "alert.resolved", "An alert was closed"
    CASE_CREATED = "case.created", "A case was opened"
    CASE_UPDATED = "case.updated", "A case changed"
    CASE_CLOSED = "case.closed", "A case was closed"
    JOB_FINISHED = "job.finished", "A job ended"
    MODEL_PROMOTED = "model.promoted", "Another model decides"
    RULE_ACTIVATED = "rule.activated", "Another wording of a rule decides"
    SYSTEM_ALERT = "system.alert", "Something about FraudGuard itself"


class WebhookEndpoint(models.Model):
    """An address that events are sent to, signed; `revision` grows with every change by a person.

    While `paused_until` lies ahead nothing is tried: it failed a moment ago. Deleted ones stay for their log.
    """

    url = CardSafeCharField(max_length=2000)
    description = CardSafeCharField(max_length=200, blank=True)
    events = ArrayField(models.CharField(max_length=32, choices=WebhookEvent))
    active = models.BooleanField(default=True)
    sealed_secret = models.TextField(editable=False)
    sealed_former_secret = models.TextField(blank=True, editable=False)
    former_secret_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_by = models.CharField(max_length=150)
    revision = models.PositiveIntegerField(default=1)
    failures = models.PositiveIntegerField(default=0, help_text="In a row, since the last success.")
    failing_since = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_error = CardSafeCharField(max_length=300, blank=True)
    off_reason = CardSafeCharField(max_length=300, blank=True, help_text="Why it is not active.")
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"W-{self.pk}"
