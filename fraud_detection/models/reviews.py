"""A customer's wish that a person looks at a decision."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from alerts.models import Alert
from fraud_detection.models.assessment import Assessment
from logs.redacting.fields import CardSafeTextField


class ReviewState(models.TextChoices):
    OPEN = "open", "Open"
    UPHELD = "upheld", "Upheld"
    OVERTURNED = "overturned", "Overturned"


class ReviewRequest(models.Model):
    """One wish; at most one is open for a decision. `asked_by` wrote it down: a person or a client system.

    The outcome is always a person's, with a note: no machine settles it.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="review_requests")
    customer = models.ForeignKey(
        "users.Customer", null=True, blank=True, on_delete=models.PROTECT, related_name="review_requests"
    )
    alert = models.ForeignKey(
        Alert, null=True, blank=True, on_delete=models.PROTECT, related_name="review_requests"
    )
    state = models.CharField(max_length=16, choices=ReviewState, default=ReviewState.OPEN)
    reason = CardSafeTextField(max_length=2000)
    asked_kind = models.CharField(max_length=16)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    note = CardSafeTextField(max_length=4000, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("assessment",), condition=Q(state=ReviewState.OPEN), name="fraud_one_open_review"
            ),
            models.CheckConstraint(
                condition=Q(state=ReviewState.OPEN, resolved_by__isnull=True, resolved_at__isnull=True)
                | (
                    Q(state__in=(ReviewState.UPHELD, ReviewState.OVERTURNED))
                    & Q(resolved_by__isnull=False, resolved_at__isnull=False)
                    & ~Q(note="")
                ),
                name="fraud_review_settled_by_somebody",
            ),
        )
        indexes = (
            models.Index(fields=("due_at", "id"), condition=Q(state="open"), name="fraud_review_due"),
            models.Index(fields=("customer", "-id"), name="fraud_review_customer"),
        )

    def __str__(self) -> str:
        return f"Review of decision {self.assessment_id}"

    @property
    def is_overdue(self) -> bool:
        return self.state == ReviewState.OPEN and self.due_at < timezone.now()
