"""Features and event fields that people define, as versioned data."""

from django.db import models
from django.utils import timezone

from fraud_detection.models.governance import Engine
from logs.redacting.fields import CardSafeCharField


class FeatureStage(models.TextChoices):
    DRAFT = "draft", "Draft"
    PENDING = "pending", "Pending approval"
    ACTIVE = "active", "Active"
    RETIRED = "retired", "Retired"


class FeatureDefinition(models.Model):
    """One version of a feature: whose history, which aggregate of it, over which window.

    Its wording may change while it is a draft, and never again; a change of an active one is a new version.
    `revision` grows with every change, so that a stale edit is noticed.
    """

    engine = models.CharField(max_length=16, choices=Engine)
    name = models.CharField(max_length=48)
    number = models.PositiveIntegerField()
    spec = models.JSONField()
    unit = models.CharField(max_length=32)
    meaning = CardSafeCharField(max_length=300)
    stage = models.CharField(max_length=16, choices=FeatureStage, default=FeatureStage.DRAFT)
    author = models.CharField(max_length=150)
    writers = models.JSONField(default=list, help_text="Everybody who saved it: none of them may approve it.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    submitted_by = models.CharField(max_length=150, blank=True)
    approved_by = models.CharField(max_length=150, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    note = CardSafeCharField(max_length=500, blank=True, help_text="Why it was rejected or retired.")
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.CharField(max_length=150, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("engine", "name", "-number")
        constraints = (
            models.UniqueConstraint(fields=("engine", "name", "number"), name="fraud_feature_number"),
            models.UniqueConstraint(
                fields=("engine", "name"),
                condition=models.Q(stage="active"),
                name="fraud_feature_one_active",
            ),
            models.UniqueConstraint(
                fields=("engine", "name"),
                condition=models.Q(stage__in=("draft", "pending")),
                name="fraud_feature_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(stage__in=FeatureStage.values), name="fraud_feature_stage"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class FieldKind(models.TextChoices):
    NUMBER = "number", "Number"
    TEXT = "text", "Text"
    BOOL = "bool", "True or false"


class DeclaredField(models.Model):
    """A field that clients send with a transaction beyond those of the request, for payments and aml.

    Its name and kind never change: decisions, rules and models rest on them.
    """

    name = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=8, choices=FieldKind)
    unit = models.CharField(max_length=32, blank=True)
    meaning = CardSafeCharField(max_length=300)
    active = models.BooleanField(default=True)
    author = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.CharField(max_length=150, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=FieldKind.values), name="fraud_field_kind"),
        )

    def __str__(self) -> str:
        return self.name
