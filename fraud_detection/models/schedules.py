"""Scoring by the calendar: what is due when, each run of it, and what it scored again."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from fraud_detection.models.assessment import Assessment, Decision, RiskLevel


class ScheduleKind(models.TextChoices):
    OPEN_EXPOSURE = "open_exposure", "Score open exposure again"
    RECENT = "recent", "Score recent reviews without a verdict again"
    CUSTOMERS = "customers", "Predict customers"


class RunState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class ScoringSchedule(models.Model):
    """What is scored when. `cron` has five fields, read in the server's time zone.

    `next_run_at` is claimed by whoever starts the run, so that two beats start it once; what was missed
    while nothing ran is made up for by one run.
    """

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=16, choices=ScheduleKind)
    days = models.PositiveSmallIntegerField(default=30, help_text="Of recent reviews, how far back; 1-366.")
    cron = models.CharField(max_length=100)
    enabled = models.BooleanField(default=True)
    next_run_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=ScheduleKind.values), name="fraud_schedule_kind"),
            models.CheckConstraint(condition=Q(days__range=(1, 366)), name="fraud_schedule_days"),
        )

    def __str__(self) -> str:
        return self.name


class ScheduleRun(models.Model):
    """One run. `due_at` is the moment it was due, or was asked for by hand; `last` where it goes on."""

    schedule = models.ForeignKey(ScoringSchedule, on_delete=models.CASCADE, related_name="runs")
    due_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150, blank=True, help_text="Empty: the calendar.")
    state = models.CharField(max_length=8, choices=RunState, default=RunState.QUEUED)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    run = models.UUIDField(null=True, blank=True, editable=False)
    heartbeat_at = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    last = models.BigIntegerField(default=0, editable=False)
    scored = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0, help_text="Whose decision came out otherwise.")
    hits = models.PositiveIntegerField(default=0, help_text="Rules that hit now and did not before.")
    skipped = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("schedule", "due_at"), name="fraud_one_run_when_due"),
            models.UniqueConstraint(
                fields=("schedule",),
                condition=Q(state__in=("queued", "running")),
                name="fraud_one_unfinished_run",
            ),
        )

    def __str__(self) -> str:
        return f"{self.schedule} {self.due_at:%Y-%m-%d %H:%M}"


class Rescoring(models.Model):
    """What a run said of an event that was decided before. The decision itself stays as it was made."""

    run = models.ForeignKey(ScheduleRun, on_delete=models.CASCADE, related_name="rescorings")
    assessment = models.ForeignKey(
        Assessment, on_delete=models.CASCADE, db_index=False, related_name="rescorings"
    )
    scored_at = models.DateTimeField()
    before_score = models.FloatField()
    before_decision = models.CharField(max_length=8, choices=Decision)
    risk_score = models.FloatField()
    risk_level = models.CharField(max_length=8, choices=RiskLevel)
    decision = models.CharField(max_length=8, choices=Decision)
    reasons = models.JSONField(default=list)
    new_hits = models.JSONField(default=list, help_text="Codes of rules that hit now and did not before.")
    alerts = models.JSONField(default=list, help_text="Ids of the alerts they joined.")
    rule_set_version = models.CharField(max_length=64)
    policy_version = models.CharField(max_length=64)
    model_version = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("assessment", "run"), name="fraud_one_rescoring_per_run"),
        )

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.before_score:g} to {self.risk_score:g}"
