"""What watching the models found, period by period."""

from django.db import models
from django.utils import timezone

from fraud_detection.models.governance import Engine


class SnapshotKind(models.TextChoices):
    DRIFT_DAY = "drift_1d", "Drift, last day"
    DRIFT_WEEK = "drift_7d", "Drift, last 7 days"
    DRIFT_MONTH = "drift_30d", "Drift, last 30 days"
    CALIBRATION = "calibration", "Calibration"
    OUTCOMES = "outcomes", "Outcomes by week"


class MonitoringSnapshot(models.Model):
    """Figures of one kind about one model as they stood at `as_of`; one for each hour or day.

    `model_version` is empty for figures about all decisions of an engine. `n` counts the decisions that
    the figures rest on.
    """

    engine = models.CharField(max_length=16, choices=Engine)
    model_version = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=16, choices=SnapshotKind)
    period = models.DateTimeField(help_text="The hour or day it stands for, UTC.")
    as_of = models.DateTimeField(help_text="Nothing decided or known later has gone into it.")
    n = models.PositiveIntegerField()
    figures = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-period", "engine", "kind", "model_version")
        constraints = (
            models.UniqueConstraint(
                fields=("engine", "model_version", "kind", "period"), name="fraud_snapshot_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.model_version or self.engine} at {self.period:%F %H}"
