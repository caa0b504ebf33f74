"""An alert: suspicion about one subject that analysts work."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from alerts.models.priority import PriorityKey, points_at
from alerts.models.severity import Severity
from logs.redacting.fields import CardSafeCharField, CardSafeTextField


class AlertStatus(models.TextChoices):
    OPEN = "open", "Open"
    RESOLVED = "resolved", "Resolved"


class Disposition(models.TextChoices):
    CONFIRMED_FRAUD = "confirmed_fraud", "Confirmed fraud"
    FALSE_POSITIVE = "false_positive", "False positive"
    INCONCLUSIVE = "inconclusive", "Inconclusive"
    DUPLICATE = "duplicate", "Duplicate"


OPEN = Q(status=AlertStatus.OPEN)


class Alert(models.Model):
    """Suspicion about one subject under one rule family; further hits are appended while it is open.

    `version` grows with every change, so that an edit based on a stale view can be refused.
    """

    engine = models.CharField(max_length=16)
    family = models.CharField(max_length=32)
    subject_kind = models.CharField(max_length=16)
    subject = CardSafeCharField(max_length=128)
    customer = models.ForeignKey(
        "users.Customer", null=True, blank=True, on_delete=models.PROTECT, related_name="alerts"
    )
    severity = models.CharField(max_length=16, choices=Severity)
    status = models.CharField(max_length=16, choices=AlertStatus, default=AlertStatus.OPEN)
    risk_score = models.FloatField()
    amount_minor = models.BigIntegerField(
        help_text="At stake: hundredths of the reporting currency, all hits."
    )
    reason = CardSafeCharField(max_length=500)
    rule = models.CharField(max_length=64)
    hit_count = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField(default=timezone.now)
    last_hit_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="alerts"
    )
    disposition = models.CharField(max_length=16, choices=Disposition, blank=True)
    note = CardSafeTextField(blank=True, max_length=4000)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    reason_code = models.CharField(max_length=32, blank=True, db_default="")
    duplicate_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    queue = models.ForeignKey(
        "alerts.Queue",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="alerts",
        help_text="Empty for the second or two until it is placed.",
    )
    escalated_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snoozed_hits = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Hits when it was snoozed; 0 for an alert that is not."
    )
    snooze_reason = CardSafeCharField(max_length=500, blank=True, db_default="")
    snoozed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_index=False,
        related_name="+",
    )
    told_severity = models.CharField(
        max_length=16,
        blank=True,
        default="",
        db_default="",
        help_text="The gravest that people heard of.",
    )
    priority_key = models.GeneratedField(
        expression=PriorityKey(), output_field=models.FloatField(), db_persist=True
    )

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
            models.Index(fields=("-priority_key", "-id"), condition=OPEN, name="alerts_open_by_priority"),
            models.Index(
                fields=("queue", "-priority_key", "-id"), condition=OPEN, name="alerts_open_by_queue"
            ),
            models.Index(fields=("due_at",), condition=OPEN, name="alerts_open_due"),
            models.Index(
                fields=("snoozed_until",), condition=OPEN & Q(snoozed_hits__gt=0), name="alerts_snoozed"
            ),
            models.Index(
                fields=("resolved_at",), condition=Q(status=AlertStatus.RESOLVED), name="alerts_resolved_at"
            ),
        )

    def __str__(self) -> str:
        return f"A-{self.pk}"

    @property
    def priority(self) -> int:
        """0-99 at this moment; the queue's order, as a number for people."""
        return points_at(self.priority_key, timezone.now())

    @property
    def is_snoozed(self) -> bool:
        """Whether it is out of the queue now; the time alone ends it."""
        return self.snoozed_until is not None and self.snoozed_until > timezone.now()


class AlertLook(models.Model):
    """When a person last looked at an alert, and how many hits it had then."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, db_index=False, related_name="looks")
    hits = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("alert", "user"), name="alerts_look_once"),)

    def __str__(self) -> str:
        return f"{self.user} at {self.alert}"


class ReasonCode(models.Model):
    """A usual reason for a verdict, offered to analysts; admins keep the list."""

    disposition = models.CharField(max_length=16, choices=Disposition)
    code = models.CharField(max_length=32)
    text = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=100)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("disposition", "position", "id")
        constraints = (models.UniqueConstraint(fields=("disposition", "code"), name="alerts_reason_once"),)

    def __str__(self) -> str:
        return self.text


class DuePolicy(models.Model):
    """How long after its first hit an alert of this severity is due."""

    severity = models.CharField(max_length=16, choices=Severity, unique=True)
    minutes = models.PositiveIntegerField()

    class Meta:
        ordering = ("minutes",)
        verbose_name_plural = "due policies"
        constraints = (
            models.CheckConstraint(condition=Q(minutes__range=(1, 525_600)), name="alerts_due_range"),
        )

    def __str__(self) -> str:
        return f"{self.severity}: {self.minutes} min"
