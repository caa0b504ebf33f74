"""What people put into a case: tasks, comments, files, and the narrative with its versions."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from alerts.models.case import Case
from logs.redacting.fields import CardSafeCharField, CardSafeTextField


class CaseTask(models.Model):
    """Something to be done for a case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    title = CardSafeCharField(max_length=200)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    due_at = models.DateTimeField(null=True, blank=True)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.title


class CaseComment(models.Model):
    """A comment; never edited. A correction is a comment of its own that names the one it `corrects`."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="comments")
    text = CardSafeTextField(max_length=10_000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    corrects = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"Comment {self.pk}"


class CaseFile(models.Model):
    """An attachment: `stored` is its random name below CASE_FILES_DIR, `sha256` the digest it came with."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="files")
    name = CardSafeCharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    stored = models.CharField(max_length=64, unique=True)
    added_by = models.CharField(max_length=150)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class CaseNarrative(models.Model):
    """One version of the narrative of a case; each save is a new one, the highest number counts."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="narratives")
    number = models.PositiveIntegerField()
    who = CardSafeTextField(blank=True, max_length=10_000)
    what = CardSafeTextField(blank=True, max_length=10_000)
    when = CardSafeTextField(blank=True, max_length=10_000)
    where = CardSafeTextField(blank=True, max_length=10_000)
    why = CardSafeTextField(blank=True, max_length=10_000)
    how = CardSafeTextField(blank=True, max_length=10_000)
    written_by = models.CharField(max_length=150)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("case", "number"), name="alerts_narrative_version_once"),
        )

    def __str__(self) -> str:
        return f"K-{self.case_id} narrative {self.number}"
