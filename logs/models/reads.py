"""Who has lately looked at whose personal data."""

from django.db import models


class PersonalRead(models.Model):
    """The last recorded look of somebody at a subject: a further one within 15 minutes is not recorded."""

    actor = models.CharField(max_length=150)
    subject_kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("actor", "subject_kind", "subject"), name="logs_personalread_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.actor} {self.subject_kind} {self.subject}"
