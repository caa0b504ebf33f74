"""Suspicious-activity reports: that one exists is known to permitted people alone (no tipping off)."""

from datetime import date, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from alerts.models.case import Case
from logs.redacting.fields import CardSafeCharField, CardSafeTextField

AUDIT_SUBJECT = "case_report"  # its deeds stand apart from those of the case
DAYS_WITH_SUSPECT = 30
DAYS_WITHOUT_SUSPECT = 60


class ReportState(models.TextChoices):
    DRAFT = "draft", "Draft"
    FILED = "filed", "Filed"
    NOT_REQUIRED = "not_required", "Not required"


class CaseReport(models.Model):
    """A report to the authorities about a case; nothing of it is written into the case itself.

    The clock runs from the day on which it was determined that the activity is suspicious: 30 days, or 60
    while no suspect is identified.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    state = models.CharField(max_length=16, choices=ReportState, default=ReportState.DRAFT)
    determined_on = models.DateField()
    suspect_identified = models.BooleanField()
    due_on = models.DateField()
    text = CardSafeTextField(blank=True, max_length=50_000)
    reference = CardSafeCharField(
        max_length=100, blank=True, help_text="What the authority calls it, once filed."
    )
    reason = CardSafeTextField(blank=True, max_length=4000, help_text="Why none is required.")
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="alerts_report_state"),
        )
        indexes = (
            models.Index(fields=("due_on",), condition=Q(state="draft"), name="alerts_report_draft_due"),
        )

    def __str__(self) -> str:
        return f"Report {self.pk}"


def due_date(determined_on: date, suspect_identified: bool) -> date:
    """The last day on which the report is in time."""
    return determined_on + timedelta(days=DAYS_WITH_SUSPECT if suspect_identified else DAYS_WITHOUT_SUSPECT)
