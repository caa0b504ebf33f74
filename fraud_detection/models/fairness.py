"""Groups of applicants, for the four-fifths report alone."""

from django.db import models
from django.utils import timezone

from logs.redacting.fields import CardSafeCharField


class ApplicantGroup(models.Model):
    """Which group an applicant belongs to under one attribute; no engine and no training reads this."""

    applicant_id = CardSafeCharField(max_length=128)
    attribute = models.CharField(max_length=64)
    group = CardSafeCharField(max_length=64)
    loaded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("attribute", "applicant_id")
        constraints = (
            models.UniqueConstraint(fields=("attribute", "applicant_id"), name="fraud_applicant_group_once"),
        )

    def __str__(self) -> str:
        return f"{self.attribute} of {self.applicant_id}"
