"""Batch jobs: files whose rows are decided chunk by chunk on workers."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from fraud_detection.models.governance import Engine
from logs.redacting.fields import CardSafeCharField


class JobState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    PREPARING = "preparing", "Reading the file"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class JobPriority(models.TextChoices):
    URGENT = "urgent", "Urgent"
    NORMAL = "normal", "Normal"
    LOW = "low", "Low"


class JobSource(models.TextChoices):
    UPLOAD = "upload", "Uploaded"
    DATASET = "dataset", "Data set on the server"
    FILE = "file", "File named by a command"


class JobAsk(models.TextChoices):
    """What somebody asked of a job whose chunk is in work; done where the chunk ends."""

    NOTHING = "", "Nothing"
    PAUSE = "pause", "Pause"
    CANCEL = "cancel", "Cancel"


WORKABLE = (JobState.QUEUED, JobState.PREPARING, JobState.RUNNING)
ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class BatchJob(models.Model):
    """One file of one engine's events. Rows done are committed rows: stored, repeated and failed together.

    `folder` names its directory below BATCH_DIR. `run` is a token of the worker that holds the job and
    `heartbeat_at` its last word, by the database's clock. `turn` is the worker time it had, weighed by its
    priority: who had least is served next.
    """

    engine = models.CharField(max_length=16, choices=Engine)
    filename = CardSafeCharField(max_length=200)
    source = models.CharField(max_length=8, choices=JobSource)
    path = models.CharField(max_length=1_000, blank=True, help_text="Of a data set or a named file.")
    folder = models.CharField(max_length=40, unique=True, editable=False)
    size = models.PositiveBigIntegerField(default=0, help_text="Of the file as it came, in bytes.")
    modified_ns = models.BigIntegerField(default=0, editable=False, help_text="Of a file that is not ours.")
    client = models.ForeignKey("users.ClientSystem", on_delete=models.PROTECT, related_name="+")
    priority = models.CharField(max_length=8, choices=JobPriority, default=JobPriority.NORMAL)
    chunk_rows = models.PositiveIntegerField()

    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    asked = models.CharField(max_length=8, choices=JobAsk, blank=True, default=JobAsk.NOTHING)
    bytes_read = models.PositiveBigIntegerField(default=0, help_text="While the file is read.")
    rows_total = models.PositiveBigIntegerField(null=True, blank=True)
    rows_late = models.PositiveBigIntegerField(default=0, help_text="Rows that stand behind a later one.")
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_stored = models.PositiveBigIntegerField(default=0)
    rows_repeated = models.PositiveBigIntegerField(default=0)
    rows_failed = models.PositiveBigIntegerField(default=0)
    decisions = models.JSONField(default=dict, blank=True)
    chunks_done = models.PositiveIntegerField(default=0)

    run = models.UUIDField(null=True, blank=True, editable=False)
    worker = models.CharField(max_length=100, blank=True, editable=False)
    heartbeat_at = models.DateTimeField(null=True, blank=True, editable=False)
    not_before = models.DateTimeField(null=True, blank=True, editable=False)
    turn = models.FloatField(default=0.0, editable=False)
    lost = models.PositiveSmallIntegerField(default=0, editable=False)
    faults = models.PositiveSmallIntegerField(default=0, editable=False)

    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150)
    started_at = models.DateTimeField(null=True, blank=True)
    prepared_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    files_removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="fraud_job_state"),
            models.CheckConstraint(condition=Q(priority__in=JobPriority.values), name="fraud_job_priority"),
            models.CheckConstraint(
                condition=Q(
                    rows_done=models.F("rows_stored") + models.F("rows_repeated") + models.F("rows_failed")
                ),
                name="fraud_job_rows_add_up",
            ),
        )
        indexes = (
            models.Index(
                fields=("turn", "id"),
                condition=Q(state__in=("queued", "preparing", "running")),
                name="fraud_job_workable",
            ),
            models.Index(
                fields=("ended_at",), condition=Q(files_removed_at__isnull=True), name="fraud_job_kept"
            ),
            models.Index(fields=("client", "-id"), name="fraud_job_client"),
        )

    def __str__(self) -> str:
        return f"B-{self.pk}"

    @property
    def is_unfinished(self) -> bool:
        return self.state not in ENDED

    @property
    def chunks_total(self) -> int | None:
        return None if self.rows_total is None else -(-self.rows_total // self.chunk_rows)

    @property
    def share_done(self) -> float:
        """0 to 1 of the rows; 0 while the file is read."""
        if not self.rows_total:
            return 1.0 if self.state == JobState.DONE else 0.0
        return self.rows_done / self.rows_total


class JobChunk(models.Model):
    """Rows `number * chunk_rows` and on of a job, in order of time; done when `done_at` is set.

    `assessments_before` is the newest assessment when the chunk was first begun: what is newer was decided
    by this chunk, however often it had to be begun.
    """

    job = models.ForeignKey(BatchJob, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    assessments_before = models.BigIntegerField()
    begun_at = models.DateTimeField(default=timezone.now)
    begun = models.PositiveSmallIntegerField(default=1, help_text="How often it was begun.")
    done_at = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(default=0.0)
    rows = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("job", "number")
        constraints = (models.UniqueConstraint(fields=("job", "number"), name="fraud_one_chunk"),)

    def __str__(self) -> str:
        return f"{self.job} {self.number}"
