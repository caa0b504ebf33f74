"""Queues (inboxes) of alerts, who works them, and who is there to be given work."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from logs.redacting.fields import CardSafeCharField


class Queue(models.Model):
    """An inbox: alerts that its filter lets through, of which the first by position takes each.

    `filter` is checked by `alerts.services.queues`; the default queue has none and comes last.
    `due_minutes` holds minutes by severity where the queue's due times differ from the general ones.
    """

    name = CardSafeCharField(max_length=64, unique=True)
    description = CardSafeCharField(max_length=300, blank=True)
    filter = models.JSONField(default=dict, blank=True)
    position = models.PositiveIntegerField(default=100)
    is_default = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    escalation_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="escalated_from"
    )
    due_minutes = models.JSONField(default=dict, blank=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="alerts.QueueMember", related_name="queues"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("is_default", "position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("is_default",), condition=Q(is_default=True), name="alerts_one_default_queue"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(active=True), name="alerts_default_queue_active"
            ),
        )

    def __str__(self) -> str:
        return self.name


class QueueMember(models.Model):
    """Somebody who works a queue; supervisors move its work to other queues and people."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="queue_memberships"
    )
    supervisor = models.BooleanField(default=False)

    class Meta:
        ordering = ("queue", "user__email")
        constraints = (models.UniqueConstraint(fields=("queue", "user"), name="alerts_member_once"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.queue}"


class Workload(models.Model):
    """Whether a person is given work automatically, and how many open alerts they hold at most."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="workload")
    automatic = models.BooleanField(default=False)
    cap = models.PositiveIntegerField(default=20)
    last_given_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("user__email",)

    def __str__(self) -> str:
        return f"{self.user}: {'automatic' if self.automatic else 'by hand'}, {self.cap} at most"


class Absence(models.Model):
    """From when until when a person is given nothing."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = CardSafeCharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-starts_at",)
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="alerts_absence_order"),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%Y-%m-%d %H:%M}"
