"""Rules by which alerts join cases by themselves."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from alerts.models.severity import Severity
from logs.redacting.fields import CardSafeCharField


class CaseRule(models.Model):
    """An open alert that meets every condition joins its customer's open case, or a new one.

    Empty conditions hold for every alert. Only alerts hit since `since` are looked at, so that a rule
    switched on today does not sweep up what people have seen already.
    """

    name = CardSafeCharField(max_length=64, unique=True)
    enabled = models.BooleanField(default=True)
    since = models.DateTimeField(default=timezone.now)
    engine = models.CharField(max_length=16, blank=True)
    min_severity = models.CharField(max_length=16, choices=Severity, default=Severity.LOW)
    rule_codes = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    min_amount_minor = models.BigIntegerField(
        default=0, help_text="At stake in the alert: hundredths of the reporting currency."
    )
    min_alerts = models.PositiveIntegerField(
        default=1, help_text="Alerts of the customer, this one included,"
    )
    within_days = models.PositiveIntegerField(default=30, help_text="Within which these alerts were opened.")
    changed_by = models.CharField(max_length=150, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(min_severity__in=Severity.values), name="alerts_case_rule_severity"
            ),
            models.CheckConstraint(
                condition=Q(min_alerts__gte=1, within_days__gte=1, min_amount_minor__gte=0),
                name="alerts_case_rule_positive",
            ),
        )

    def __str__(self) -> str:
        return self.name
