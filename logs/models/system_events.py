"""What happened to FraudGuard itself."""

from django.db import models
from django.utils import timezone


class Level(models.TextChoices):
    INFO = "info", "Info"
    WARNING = "warning", "Warning"
    ERROR = "error", "Error"


class SystemEvent(models.Model):
    """A start, a stop, a migration, a backup, a seal ...: kinds are listed in docs/AUDIT.md."""

    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=48)
    component = models.CharField(max_length=48)
    level = models.CharField(max_length=8, choices=Level, default=Level.INFO)
    text = models.CharField(max_length=500)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("kind", "-id"), name="logs_systemevent_kind"),
            models.Index(fields=("at",), name="logs_systemevent_at"),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"
