"""A case: what is investigated about one customer, and the alerts that belong to it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from alerts.models.alert import Alert, Disposition
from alerts.models.severity import Severity
from logs.redacting.fields import CardSafeCharField, CardSafeTextField


class CaseStatus(models.TextChoices):
    OPEN = "open", "Open"
    INVESTIGATING = "investigating", "Investigating"
    ESCALATED = "escalated", "Escalated"
    WAITING = "waiting", "Waiting"
    CLOSED = "closed", "Closed"


class Case(models.Model):
    """An investigation. `version` grows with every edit, so that one based on a stale view can be refused.

    `change`, `changed_by` and `changed_at` tell the latest edit in words. A closing that needs a second
    person stands in the four `proposed_*` columns until somebody else approves it or sends it back.
    """

    title = CardSafeCharField(max_length=200)
    customer = models.ForeignKey(
        "users.Customer", null=True, blank=True, on_delete=models.PROTECT, related_name="cases"
    )
    engines = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    status = models.CharField(max_length=16, choices=CaseStatus, default=CaseStatus.OPEN)
    severity = models.CharField(max_length=16, choices=Severity, help_text="The gravest of its alerts.")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="cases"
    )
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.CharField(max_length=150)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verdict = models.CharField(max_length=16, choices=Disposition, blank=True)
    note = CardSafeTextField(blank=True, max_length=4000)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    proposed_verdict = models.CharField(max_length=16, choices=Disposition, blank=True)
    proposed_note = CardSafeTextField(blank=True, max_length=4000)
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    alerts = models.ManyToManyField(Alert, through="CaseAlert", related_name="cases")
    split_from_minor = models.BigIntegerField(
        default=0, db_default=0, help_text="At stake in the whole before it was split, hundredths; 0: never."
    )
    version = models.PositiveIntegerField(default=1)
    change = CardSafeCharField(max_length=200, default="opened it")
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=CaseStatus.values), name="alerts_case_status_known"
            ),
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values), name="alerts_case_severity_known"
            ),
            models.CheckConstraint(
                condition=(~Q(status=CaseStatus.CLOSED) & Q(verdict="", closed_at__isnull=True))
                | (
                    Q(status=CaseStatus.CLOSED, closed_at__isnull=False)
                    & (~Q(verdict="") | Q(merged_into__isnull=False))
                ),
                name="alerts_case_closed_has_verdict",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True, proposed_verdict="")
                | (Q(status=CaseStatus.WAITING, proposed_by__isnull=False) & ~Q(proposed_verdict="")),
                name="alerts_case_proposal_waits",
            ),
        )
        indexes = (
            models.Index(fields=("status", "-id"), name="alerts_case_status_newest"),
            models.Index(
                fields=("due_at",), condition=~Q(status=CaseStatus.CLOSED), name="alerts_case_open_due"
            ),
        )

    def __str__(self) -> str:
        return f"K-{self.pk}"

    @property
    def awaits_second(self) -> bool:
        """Whether its closing waits for a second person."""
        return self.proposed_by_id is not None


class CaseAlert(models.Model):
    """An alert in a case; `held` while the case is open, and no alert is held by two."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="memberships")
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="memberships")
    held = models.BooleanField(default=True)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.CharField(max_length=150, help_text="A person's e-mail, or the rule that added it.")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("case", "alert"), name="alerts_once_in_a_case"),
            models.UniqueConstraint(
                fields=("alert",), condition=Q(held=True), name="alerts_in_one_open_case"
            ),
        )

    def __str__(self) -> str:
        return f"K-{self.case_id} A-{self.alert_id}"
