"""Imported labelled histories, kept apart from live events, and the uploads that become them."""

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from logs.redacting.fields import CardSafeCharField, CardSafeJSONField, CardSafeTextField

NAME = RegexValidator(
    r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z",
    "A name has letters, digits, dots, dashes and underscores, begins with a letter or digit, and is at "
    "most 64 long.",
)


class ImportedHistory(models.Model):
    """A history that models can be trained on; its columns lie in `directory` below HISTORY_DIR.

    A row stands for a whole directory: it is made after the directory and goes before it.
    """

    name = CardSafeCharField(max_length=64, unique=True, validators=(NAME,))
    mapping = models.JSONField()
    report = models.JSONField()
    rows = models.PositiveBigIntegerField()
    positives = models.PositiveBigIntegerField()
    directory = models.CharField(max_length=120, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name_plural = "imported histories"

    def __str__(self) -> str:
        return self.name


class UploadStage(models.TextChoices):
    DRAFT = "draft", "Mapping to be confirmed"
    QUEUED = "queued", "Waiting"
    IMPORTING = "importing", "Importing"
    DONE = "done", "Imported"
    FAILED = "failed", "Refused"


class HistoryUpload(models.Model):
    """A CSV that somebody uploaded, from the proposal of its mapping to its import."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    filename = CardSafeCharField(max_length=200)
    size = models.PositiveBigIntegerField()
    name = CardSafeCharField(max_length=64, blank=True)
    mapping = models.JSONField()
    reasons = CardSafeJSONField(default=dict)
    stage = models.CharField(max_length=16, choices=UploadStage, default=UploadStage.DRAFT)
    rows_read = models.PositiveBigIntegerField(default=0)
    share_read = models.FloatField(default=0)
    problem = CardSafeTextField(blank=True)
    history = models.ForeignKey(ImportedHistory, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.filename
