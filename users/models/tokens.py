"""Sign-ins for tokens."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class TokenFamily(models.Model):
    """One sign-in for tokens: a chain of refresh tokens, of which only the newest may be used.

    Access tokens name their family, so whatever ends it ends them at once. Only ids are stored here,
    never a token.
    """

    class Ending(models.TextChoices):
        REVOKED = "revoked", "By its owner"
        REUSED = "reused", "A refresh token was used twice"
        ENDED = "ended", "With all of this person's"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="token_families"
    )
    newest = models.CharField(max_length=32, help_text="Id of the one refresh token that may be used next.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    refreshed_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(help_text="When its newest refresh token runs out.")
    ended_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=8, choices=Ending, blank=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name_plural = "token families"

    def __str__(self) -> str:
        return f"{self.user} since {self.created_at:%Y-%m-%d %H:%M}"
