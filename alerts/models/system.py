"""Alerts about FraudGuard itself."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from alerts.models.severity import Severity
from logs.redacting.fields import CardSafeCharField


class SystemAlert(models.Model):
    """Something about FraudGuard itself that people must see, say a model that drifts; one open a kind.

    It is cleared by whoever raised it once the cause is gone; a person may acknowledge it before.
    """

    engine = models.CharField(max_length=16)
    kind = models.CharField(max_length=32)
    subject = CardSafeCharField(max_length=128, help_text="What it is about, say a model version.")
    severity = models.CharField(max_length=16, choices=Severity)
    message = CardSafeCharField(max_length=500)
    opened_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=150, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("engine", "kind"),
                condition=Q(cleared_at__isnull=True),
                name="alerts_one_open_system_alert",
            ),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="alerts_system_severity"),
        )

    def __str__(self) -> str:
        return f"{self.engine} {self.kind}"


class Heartbeat(models.Model):
    """When a process last said that it lives, by the database's clock."""

    name = models.CharField(max_length=32, unique=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
