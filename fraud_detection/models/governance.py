"""What decides: versions of rules, policies and models, and which of them is in force."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone


class Engine(models.TextChoices):
    PAYMENTS = "payments", "Payments"
    AML = "aml", "Anti money laundering"
    CREDIT = "credit", "Credit"
    INSURANCE = "insurance", "Insurance"
    MARKET = "market", "Market"
    CUSTOMERS = "customers", "Customers"  # no rules and no events: a model over customers


class Immutable(models.Model):
    """A record that is written once; a change is a new version."""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs) -> None:
        if not self._state.adding:
            raise ValidationError(f"{self} is immutable: make a new version")
        super().save(*args, **kwargs)


class Rule(models.Model):
    """A rule by name; what it says stands in its versions."""

    engine = models.CharField(max_length=16, choices=Engine)
    code = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    draft_revision = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="Saves of its drafts so far; never starts over."
    )

    class Meta:
        ordering = ("engine", "code")
        constraints = (models.UniqueConstraint(fields=("engine", "code"), name="fraud_rule_code"),)

    def __str__(self) -> str:
        return self.code


class RuleVersion(Immutable):
    """One wording of a rule: condition, severity, parameters and reason, as data."""

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    digest = models.CharField(max_length=64)
    author = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("rule", "-number")
        constraints = (models.UniqueConstraint(fields=("rule", "number"), name="fraud_rule_version_number"),)

    def __str__(self) -> str:
        return f"{self.rule} v{self.number}"


class RuleSet(Immutable):
    """The rule versions that decide together, in order, and those that only watch.

    `shares` holds, for versions that do not decide about every entity, [from, until) in percent of the
    entities by version id; `shadow_versions` see every event and change nothing.
    """

    engine = models.CharField(max_length=16, choices=Engine)
    number = models.PositiveIntegerField()
    rule_versions = models.ManyToManyField(RuleVersion, related_name="+")
    shadow_versions = models.ManyToManyField(RuleVersion, related_name="+", blank=True)
    shares = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("engine", "-number")
        constraints = (models.UniqueConstraint(fields=("engine", "number"), name="fraud_ruleset_number"),)

    def __str__(self) -> str:
        return f"{self.engine}-rules-{self.number}"


class PolicyVersion(Immutable):
    """How risk becomes a decision: thresholds 0 to 100, and what happens when a part fails.

    `settings` are the engine's own: country lists with their source and date, a scorecard.
    `release_share` of the events that score and thresholds alone would stop is approved all the same, so
    that their outcome can be learnt; `release_seed` decides which. Zero: none.
    """

    engine = models.CharField(max_length=16, choices=Engine)
    number = models.PositiveIntegerField()
    review_from = models.FloatField(default=60)
    decline_from = models.FloatField(default=85)
    fail_decision = models.CharField(max_length=8, default="review")
    settings = models.JSONField(default=dict, blank=True)
    author = models.CharField(max_length=150, blank=True)
    release_share = models.FloatField(default=0, db_default=0)
    release_seed = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("engine", "-number")
        constraints = (
            models.UniqueConstraint(fields=("engine", "number"), name="fraud_policy_number"),
            models.CheckConstraint(
                condition=models.Q(
                    review_from__gte=0, decline_from__lte=100, review_from__lte=models.F("decline_from")
                ),
                name="fraud_policy_thresholds",
            ),
            models.CheckConstraint(
                condition=models.Q(release_share=0)
                | (models.Q(release_share__range=(0.001, 0.01)) & ~models.Q(release_seed="")),
                name="fraud_policy_release",
            ),
        )

    def __str__(self) -> str:
        return f"{self.engine}-policy-{self.number}"


class FeatureSetVersion(Immutable):
    """The names behind a stored feature vector, so that a record can be read after definitions changed.

    `numbers` and `texts` are [name, kind, unit] in stored order. `base` is the version of the shipped set
    that people added to, "" for a shipped one; `added` the digests of what those features compute, by name.
    """

    version = models.CharField(max_length=64, primary_key=True)
    engine = models.CharField(max_length=16, choices=Engine)
    numbers = models.JSONField()
    texts = models.JSONField()
    base = models.CharField(max_length=64, blank=True, default="", db_default="")
    added = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("engine", "-created_at")

    def __str__(self) -> str:
        return self.version


class ModelStage(models.TextChoices):
    CANDIDATE = "candidate", "Candidate"
    SHADOW = "shadow", "Shadow"
    CHAMPION = "champion", "Champion"
    RETIRED = "retired", "Retired"


class ModelVersion(models.Model):
    """A trained model in the registry: loaded only while its file has this hash.

    `revision` counts the changes of its stage, so that a stale edit is noticed; `promoted_at` and
    `promoted_by` are of the last time it became champion, empty once it was rolled back. `report` is what
    its training measured.
    """

    engine = models.CharField(max_length=16, choices=Engine)
    number = models.PositiveIntegerField()
    stage = models.CharField(max_length=16, choices=ModelStage, default=ModelStage.CANDIDATE)
    path = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64)
    card = models.JSONField()
    report = models.JSONField(default=dict, blank=True)
    generated_data_only = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150, blank=True)
    promoted_at = models.DateTimeField(null=True, blank=True)
    promoted_by = models.CharField(max_length=150, blank=True)
    stage_changed_at = models.DateTimeField(default=timezone.now, editable=False)
    stage_changed_by = models.CharField(max_length=150, blank=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ("engine", "-number")
        constraints = (
            models.UniqueConstraint(fields=("engine", "number"), name="fraud_model_number"),
            models.UniqueConstraint(
                fields=("engine",), condition=models.Q(stage="champion"), name="fraud_model_one_champion"
            ),
        )

    def __str__(self) -> str:
        return f"{self.engine}-{self.number}"


class EngineState(models.Model):
    """What is in force for an engine; `revision` tells every process that something changed."""

    engine = models.CharField(max_length=16, choices=Engine, primary_key=True)
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="+")
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    model = models.ForeignKey(ModelVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveBigIntegerField(default=1)

    def __str__(self) -> str:
        return self.engine
