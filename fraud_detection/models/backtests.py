"""Replays of a rule's wording over stored decisions: what was asked, how far it is, what came out."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from fraud_detection.models.governance import Engine, Rule, RuleVersion
from logs.redacting.fields import CardSafeJSONField, CardSafeTextField

SILENT = timedelta(seconds=60)  # a run that says nothing for so long lost its worker
MOST_ATTEMPTS = 3  # runs that lost their worker; more would lose the next one too


class BacktestState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class BacktestLabels(models.TextChoices):
    FINAL = "final", "Final, as known now"
    AS_KNOWN = "as_known", "As known at the cut-off"


UNFINISHED = (BacktestState.QUEUED, BacktestState.RUNNING)


class Backtest(models.Model):
    """One replay of one wording over the events of a period, by when they happened: [since, until).

    `digest` names the wording that the result belongs to; `active` is the version it was compared with.
    `run` is a token of the worker that holds it, `heartbeat_at` its last word (of a waiting one: when a
    worker was told last). `hits` are the events of
    the result as compressed columns, see services/backtesting/listing.py.
    """

    engine = models.CharField(max_length=16, choices=Engine)
    rule = models.ForeignKey(Rule, null=True, blank=True, on_delete=models.SET_NULL, related_name="backtests")
    code = models.CharField(max_length=64)
    definition = models.JSONField()
    digest = models.CharField(max_length=64)
    wording_saved_at = models.DateTimeField(null=True, blank=True, help_text="When the wording was saved.")
    active = models.ForeignKey(
        RuleVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    since = models.DateTimeField()
    until = models.DateTimeField()
    labels = models.CharField(max_length=16, choices=BacktestLabels, default=BacktestLabels.FINAL)
    cut_off = models.DateTimeField(
        null=True, blank=True, help_text="Labels known later do not count; empty: all count."
    )
    alert_cost = models.DecimalField(max_digits=12, decimal_places=2)
    friction_share = models.FloatField(help_text="Of a good amount held, what holding it costs; 0-1.")

    state = models.CharField(max_length=16, choices=BacktestState, default=BacktestState.QUEUED)
    rows_total = models.PositiveBigIntegerField(default=0)
    rows_done = models.PositiveBigIntegerField(default=0)
    run = models.UUIDField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    result = CardSafeJSONField(null=True, blank=True)
    hits = models.BinaryField(null=True, blank=True)
    error = CardSafeTextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=BacktestState.values), name="fraud_backtest_state"
            ),
            models.CheckConstraint(
                condition=models.Q(since__lt=models.F("until")), name="fraud_backtest_period"
            ),
            models.CheckConstraint(
                condition=models.Q(friction_share__range=(0, 1)), name="fraud_backtest_friction"
            ),
        )
        indexes = (
            models.Index(fields=("rule", "-id"), name="fraud_backtest_rule"),
            models.Index(
                fields=("state",),
                condition=models.Q(state__in=("queued", "running")),
                name="fraud_backtest_unfinished",
            ),
        )

    def __str__(self) -> str:
        return f"Backtest {self.pk} of {self.code}"

    @property
    def last_moment(self) -> datetime:
        """Of the period: its last day is this one's."""
        return self.until - timedelta(microseconds=1)

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def share_done(self) -> float:
        """0 to 1; the last slice is not the end: the figures follow it."""
        if self.state == BacktestState.DONE:
            return 1.0
        return min(self.rows_done / self.rows_total, 1.0) if self.rows_total else 0.0

    @property
    def rows_per_second(self) -> float | None:
        """Over the run so far, or the whole of it; None before anything was read."""
        end = self.ended_at or self.heartbeat_at
        if self.started_at is None or end is None or not self.rows_done:
            return None
        return self.rows_done / max((end - self.started_at).total_seconds(), 0.001)

    @property
    def seconds_left(self) -> float | None:
        """By the rate so far; None when it is not running or nothing was read."""
        rate = self.rows_per_second
        if self.state != BacktestState.RUNNING or rate is None:
            return None
        return max(self.rows_total - self.rows_done, 0) / rate
