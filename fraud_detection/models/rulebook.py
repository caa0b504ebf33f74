"""The life of a rule's wording: drafted, shadowed, approved, active, paused, retired."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from fraud_detection.models.governance import Rule, RuleVersion
from logs.redacting.fields import CardSafeCharField


class RuleStage(models.TextChoices):
    SHADOW = "shadow", "Shadow"
    PENDING = "pending", "Pending approval"
    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    RETIRED = "retired", "Retired"


class RuleDraft(models.Model):
    """The next wording of a rule, still being written; at most one a rule, and it decides nothing.

    It need not hold: an unfinished condition may be saved. `revision` grows with every save of any draft of
    the rule, so that a save based on a stale view can be refused.
    """

    rule = models.OneToOneField(Rule, on_delete=models.CASCADE, related_name="draft")
    based_on = models.ForeignKey(
        RuleVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    definition = models.JSONField()
    author = models.CharField(max_length=150, help_text="Who began it.")
    saved_by = models.CharField(max_length=150)
    writers = models.JSONField(default=list, help_text="Everybody who saved it: none of them may approve it.")
    saves = models.JSONField(default=list, help_text="The last saves: [revision, who, when, fields].")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    saved_at = models.DateTimeField(default=timezone.now)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("-saved_at",)

    def __str__(self) -> str:
        return f"{self.rule} draft"


class RuleStanding(models.Model):
    """Where a version stands, and who brought it there; what it says never changes.

    Of one rule's versions one is active, or two while the newer takes over a share of the entities.
    `rollout` is that share in percent of entities; `revision` grows with every change. Pending with an
    approval is waiting for its effective date.
    """

    version = models.OneToOneField(RuleVersion, on_delete=models.CASCADE, related_name="standing")
    stage = models.CharField(max_length=16, choices=RuleStage)
    writers = models.JSONField(
        default=list, blank=True, help_text="Who wrote it: none of them may approve it."
    )
    submitted_by = models.CharField(max_length=150, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.CharField(max_length=150, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    effective_at = models.DateTimeField(null=True, blank=True, help_text="Empty: at once.")
    rollout = models.PositiveSmallIntegerField(
        default=100, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    note = CardSafeCharField(max_length=500, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.CharField(max_length=150, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("-changed_at",)
        constraints = (
            models.CheckConstraint(condition=models.Q(stage__in=RuleStage.values), name="fraud_rule_stage"),
            models.CheckConstraint(condition=models.Q(rollout__range=(1, 100)), name="fraud_rule_rollout"),
        )

    def __str__(self) -> str:
        return f"{self.version} {self.stage}"
