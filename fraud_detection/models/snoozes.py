"""A rule told to keep quiet about one entity for a while."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from fraud_detection.models.governance import Engine
from logs.redacting.fields import CardSafeCharField


class RuleSnooze(models.Model):
    """While it stands, hits of this rule about this subject are recorded but neither alert nor add risk.

    `rule` is the rule's code; it outlives the versions of the rule.
    """

    engine = models.CharField(max_length=16, choices=Engine)
    rule = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=16)
    subject = CardSafeCharField(max_length=128)
    reason = CardSafeCharField(max_length=500)
    until = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_by = models.CharField(max_length=150, blank=True, editable=False)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("engine", "rule", "subject_kind", "subject"),
                condition=Q(ended_at__isnull=True),
                name="fraud_rulesnooze_once",
            ),
            models.CheckConstraint(
                condition=Q(until__gt=models.F("created_at")), name="fraud_rulesnooze_until"
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule} for {self.subject_kind} {self.subject}"
