"""An alert: suspicion about one subject that analysts work."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from alerts.models.severity import Severity


class AlertStatus(models.TextChoices):
    OPEN = "open", "Open"
    RESOLVED = "resolved", "Resolved"


class Disposition(models.TextChoices):
    CONFIRMED_FRAUD = "confirmed_fraud", "Confirmed fraud"
    FALSE_POSITIVE = "false_positive", "False positive"
    INCONCLUSIVE = "inconclusive", "Inconclusive"
    DUPLICATE = "duplicate", "Duplicate"


class Alert(models.Model):
    """Suspicion about one subject under one rule family; further hits are appended while it is open.

    `version` grows with every change, so that an edit based on a stale view can be refused.
    """

    engine = models.CharField(max_length=16)
    family = models.CharField(max_length=32)
    subject_kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=128)
    customer = models.ForeignKey(
        "users.Customer", null=True, blank=True, on_delete=models.PROTECT, related_name="alerts"
    )
    severity = models.CharField(max_length=16, choices=Severity)
    status = models.CharField(max_length=16, choices=AlertStatus, default=AlertStatus.OPEN)
    risk_score = models.FloatField()
    amount_minor = models.BigIntegerField(
        help_text="At stake: hundredths of the reporting currency, all hits."
    )
    reason = models.CharField(max_length=500)
    rule = models.CharField(max_length=64)
    hit_count = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField(default=timezone.now)
    last_hit_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="alerts"
    )
    disposition = models.CharField(max_length=16, choices=Disposition, blank=True)
    note = models.TextField(blank=True, max_length=4000)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("engine", "family", "subject_kind", "subject"),
                condition=Q(status=AlertStatus.OPEN),
                name="alerts_one_open_per_subject",
            ),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="alerts_severity_known"),
            models.CheckConstraint(
                condition=Q(status=AlertStatus.OPEN, disposition="", resolved_at__isnull=True)
                | (Q(status=AlertStatus.RESOLVED, resolved_at__isnull=False) & ~Q(disposition="")),
                name="alerts_resolved_has_disposition",
            ),
        )
        indexes = (
            models.Index(
                fields=("-risk_score", "-id"),
                condition=Q(status=AlertStatus.OPEN),
                name="alerts_open_by_risk",
            ),
            models.Index(fields=("status", "-last_hit_at"), name="alerts_status_newest"),
            models.Index(fields=("customer", "-id"), name="alerts_customer_newest"),
        )

    def __str__(self) -> str:
        return f"A-{self.pk}"
