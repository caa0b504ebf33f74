"""What rules did: hits of those in shadow, figures by day, and what stands out of them."""

from django.db import models
from django.utils import timezone

from alerts.models import Severity
from fraud_detection.models.assessment import Assessment, Decision
from fraud_detection.models.governance import Rule, RuleVersion
from logs.redacting.fields import CardSafeCharField


class ShadowHit(models.Model):
    """A version in shadow that fired on a decided event, and what would have been decided with it in force.

    `would_decide` and `would_score` (0-100) are the policy's verdict with this version in the place of the
    rule's active one, before the random release. `also_active`: the active version fired too.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="shadow_hits")
    version = models.ForeignKey(
        RuleVersion, on_delete=models.PROTECT, related_name="shadow_hits", db_index=False
    )
    decided_at = models.DateTimeField()
    severity = models.CharField(max_length=16, choices=Severity)
    confidence = models.FloatField()
    weight = models.FloatField()
    reason = CardSafeCharField(max_length=500)
    also_active = models.BooleanField()
    would_decide = models.CharField(max_length=8, choices=Decision)
    would_score = models.FloatField()
    changes_decision = models.BooleanField()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("version", "assessment"), name="fraud_shadow_hit_once"),
        )
        indexes = (models.Index(fields=("version", "-id"), name="fraud_shadow_hit_newest"),)

    def __str__(self) -> str:
        return f"{self.version}: {self.reason}"


class RuleDay(models.Model):
    """One rule on one local day of decisions; counted anew when a label or a deeper search adds to it.

    `events` are the decisions of its engine. `amount_minor` is that of the events it hit, `labelled` and
    `frauds` are those of them whose outcome is known.
    """

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    events = models.PositiveBigIntegerField(default=0)
    hits = models.PositiveBigIntegerField(default=0)
    shadow_hits = models.PositiveBigIntegerField(default=0)
    alerts = models.PositiveBigIntegerField(default=0)
    labelled = models.PositiveBigIntegerField(default=0)
    frauds = models.PositiveBigIntegerField(default=0)
    amount_minor = models.BigIntegerField(default=0)
    last_hit_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("rule", "-day")
        constraints = (models.UniqueConstraint(fields=("rule", "day"), name="fraud_rule_day"),)
        indexes = (models.Index(fields=("day",), name="fraud_rule_day_day"),)

    def __str__(self) -> str:
        return f"{self.rule} {self.day}"


class RuleWatch(models.Model):
    """What stands out about a rule, as it was last looked at; rebuilt from the days and hits.

    `flags` are {flag: sentence}. `cost_us` is the time of its own compiled function for one event, in
    microseconds, timed over `cost_events` stored events.
    """

    rule = models.OneToOneField(Rule, on_delete=models.CASCADE, related_name="watch")
    flags = models.JSONField(default=dict, blank=True)
    hits_24h = models.PositiveBigIntegerField(default=0)
    last_hit_at = models.DateTimeField(null=True, blank=True)
    cost_us = models.FloatField(null=True, blank=True)
    cost_events = models.PositiveIntegerField(default=0)
    cost_at = models.DateTimeField(null=True, blank=True)
    overlap = models.JSONField(
        default=dict,
        blank=True,
        help_text="The other rule with most of its hits: {rule, both, hits, jaccard}.",
    )
    looked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("rule",)

    def __str__(self) -> str:
        return f"{self.rule} watch"


class RuleWatchMark(models.Model):
    """How far the watch of an engine has counted labels and late hits; one row an engine."""

    engine = models.CharField(max_length=16, primary_key=True)
    label_id = models.BigIntegerField(default=0)
    counted_until = models.DateTimeField(null=True, blank=True)
    overlaps_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.engine
