"""The decision itself: what was seen, what fired, with which versions, and what followed."""

from django.db import models
from django.utils import timezone

from alerts.models import Severity
from fraud_detection.models.governance import Engine
from logs.redacting.fields import CardSafeCharField, CardSafeJSONField


class Decision(models.TextChoices):
    APPROVE = "approve", "Approve"
    REVIEW = "review", "Review"
    DECLINE = "decline", "Decline"


class RiskLevel(models.TextChoices):
    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    CRITICAL = "critical", "Critical"


class Assessment(models.Model):
    """One engine's decision on one event; never changed after it was made.

    `features` holds the numbers of the feature set as little-endian float64 in its order, missing as
    NaN, and `texts` its texts: with the version columns that is enough to replay the decision. One of the
    links (transaction, application, ...) names the event, by the engine's kind of event.
    `shadow_scores` are the probabilities of the models in shadow by version, NULL where there were none.
    """

    engine = models.CharField(max_length=16, choices=Engine)
    transaction = models.ForeignKey(
        "transactions.Transaction",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="assessments",
    )
    application = models.ForeignKey(
        "transactions.CreditApplication",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="assessments",
    )
    claim = models.ForeignKey(
        "transactions.InsuranceClaim",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="assessments",
    )
    market_event = models.ForeignKey(
        "transactions.MarketEvent",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="assessments",
    )
    client = models.ForeignKey(
        "users.ClientSystem", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    external_id = models.CharField(max_length=128)
    body_digest = models.BinaryField(
        max_length=16, null=True, help_text="Of the body this engine was sent, when another stored the event."
    )
    customer = models.ForeignKey(
        "users.Customer",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="assessments",
    )
    decided_at = models.DateTimeField(default=timezone.now)
    amount_minor = models.BigIntegerField()
    decision = models.CharField(max_length=8, choices=Decision)
    risk_score = models.FloatField()
    risk_level = models.CharField(max_length=8, choices=RiskLevel)
    fraud_probability = models.FloatField(null=True)
    confidence_score = models.FloatField()
    is_fraud = models.BooleanField()
    reasons = CardSafeJSONField()
    features = models.BinaryField()
    texts = CardSafeJSONField()
    not_evaluable = models.JSONField(default=list)
    insufficient = models.JSONField(default=list)
    feature_set_version = models.CharField(max_length=64)
    rule_set_version = models.CharField(max_length=64)
    policy_version = models.CharField(max_length=64)
    model_version = models.CharField(max_length=64, blank=True)
    degraded = models.BooleanField(default=False)
    degraded_parts = models.JSONField(default=list)
    latency_us = models.JSONField(default=dict)
    details = CardSafeJSONField(null=True, help_text="What this engine says beside the common decision.")
    shadow_scores = models.JSONField(null=True)
    released = models.BooleanField(
        default=False, db_default=False, help_text="Approved by the random release although it scored higher."
    )
    release_propensity = models.FloatField(
        null=True, help_text="The chance of a release it had, 0-1; empty: it was not eligible."
    )

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("transaction", "engine"), name="fraud_one_assessment_per_event"),
            models.UniqueConstraint(
                fields=("application",),
                condition=models.Q(application__isnull=False),
                name="fraud_one_assessment_per_application",
            ),
            models.UniqueConstraint(
                fields=("claim",),
                condition=models.Q(claim__isnull=False),
                name="fraud_one_assessment_per_claim",
            ),
            models.UniqueConstraint(
                fields=("market_event",),
                condition=models.Q(market_event__isnull=False),
                name="fraud_one_assessment_per_market_event",
            ),
            models.CheckConstraint(
                condition=models.Q(risk_score__range=(0, 100)), name="fraud_risk_score_range"
            ),
            models.CheckConstraint(
                condition=models.Q(decision__in=Decision.values), name="fraud_decision_known"
            ),
        )
        indexes = (
            models.Index(
                fields=("decided_at", "id"),
                include=("engine", "decision", "risk_level", "amount_minor"),
                name="fraud_assessment_time",
            ),
            models.Index(
                fields=("decision", "-id"),
                condition=~models.Q(decision="approve"),
                name="fraud_assessment_stopped",
            ),
            models.Index(fields=("customer", "-id"), name="fraud_assessment_customer"),
            models.Index(
                fields=("engine", "-id"),
                condition=models.Q(shadow_scores__isnull=False),
                name="fraud_assessment_shadowed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.engine} {self.external_id}"


class RuleHit(models.Model):
    """A rule that fired in an assessment, and the alert it joined, if one was raised."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="hits")
    alert = models.ForeignKey(
        "alerts.Alert", null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="hits"
    )
    rule = models.CharField(max_length=64)
    rule_version = models.PositiveIntegerField(null=True, help_text="Empty for the model's own suspicion.")
    family = models.CharField(max_length=32)
    subject_kind = models.CharField(max_length=16)
    subject = CardSafeCharField(max_length=128)
    severity = models.CharField(max_length=16, choices=Severity)
    confidence = models.FloatField()
    weight = models.FloatField()
    reason = CardSafeCharField(max_length=500)
    metadata = CardSafeJSONField(default=dict)
    late = models.BooleanField(
        default=False, db_default=False, help_text="Found by a deeper search, after the decision was made."
    )
    snoozed = models.BooleanField(
        default=False, db_default=False, help_text="The rule was told to keep quiet about this subject."
    )

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(
                fields=("alert", "-id"), condition=models.Q(alert__isnull=False), name="fraud_hit_alert"
            ),
            models.Index(fields=("rule", "-id"), name="fraud_hit_rule"),
        )

    def __str__(self) -> str:
        return f"{self.rule}: {self.reason}"
