"""Events that come in by streams: who consumes them, how far it is, what could not be decided."""

from django.db import models
from django.utils import timezone

from fraud_detection.models.governance import Engine


class StreamKind(models.TextChoices):
    VALKEY = "valkey", "Valkey streams"
    KAFKA = "kafka", "Kafka"


class ConsumerState(models.TextChoices):
    RUNNING = "running", "Running"
    WAITING = "waiting", "Waiting"
    STOPPED = "stopped", "Stopped"


class LetterState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    REPLAYED = "replayed", "Replayed"
    DISCARDED = "discarded", "Discarded"


class LetterReason(models.TextChoices):
    NOT_READABLE = "not_readable", "Not readable"
    ENVELOPE = "envelope", "Envelope not understood"
    REFUSED = "refused", "Event refused"
    CONFLICT = "conflict", "Id taken by another body"
    FAILED = "failed", "Deciding failed"
    CRASHED = "crashed", "Ended its consumer"


class StreamConsumer(models.Model):
    """One process that consumes, as it told of itself last; counts are since it started."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=8, choices=StreamKind)
    group = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=ConsumerState, default=ConsumerState.RUNNING)
    waits_for = models.CharField(max_length=200, blank=True)
    events = models.PositiveBigIntegerField(default=0)
    repeated = models.PositiveBigIntegerField(default=0)
    buried = models.PositiveBigIntegerField(default=0)
    per_second = models.FloatField(default=0, help_text="Events a second since the report before.")
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-seen_at", "name")

    def __str__(self) -> str:
        return self.name


class StreamShard(models.Model):
    """One ordered part of a stream and how far a group is in it: `lag` messages are not decided yet."""

    kind = models.CharField(max_length=8, choices=StreamKind)
    group = models.CharField(max_length=64)
    stream = models.CharField(max_length=200)
    shard = models.PositiveIntegerField()
    consumer = models.CharField(max_length=100, blank=True)
    lag = models.PositiveBigIntegerField(default=0)
    unacknowledged = models.PositiveBigIntegerField(default=0)
    measured_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("kind", "group", "stream", "shard")
        constraints = (
            models.UniqueConstraint(fields=("kind", "group", "stream", "shard"), name="fraud_stream_shard"),
        )

    def __str__(self) -> str:
        return f"{self.stream} {self.shard}"


class StreamDeadLetter(models.Model):
    """A message that could not be decided, kept until somebody replays or discards it.

    `body` are its bytes without card numbers and secrets, `digest` is of what was sent: with the position it
    tells a redelivery from another message.
    """

    kind = models.CharField(max_length=8, choices=StreamKind)
    stream = models.CharField(max_length=200)
    shard = models.PositiveIntegerField()
    position = models.CharField(max_length=64)
    client = models.CharField(max_length=64)
    engine = models.CharField(max_length=16, choices=Engine, blank=True)
    event_id = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=16, choices=LetterReason)
    detail = models.TextField()
    body = models.BinaryField()
    digest = models.BinaryField(max_length=32)
    is_redacted = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(default=1, help_text="Times that deciding it was tried.")
    state = models.CharField(max_length=16, choices=LetterState, default=LetterState.WAITING)
    note = models.CharField(max_length=500, blank=True, help_text="Why it was discarded.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "stream", "shard", "position", "digest"), name="fraud_dead_letter_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=LetterState.values), name="fraud_dead_letter_state"
            ),
        )
        indexes = (
            models.Index(
                fields=("id",), condition=models.Q(state="waiting"), name="fraud_dead_letter_waiting"
            ),
        )

    def __str__(self) -> str:
        return f"{self.stream} {self.shard} {self.position}"

    @property
    def text(self) -> str:
        """The body as people read it."""
        return bytes(self.body).decode("utf-8", "backslashreplace")
