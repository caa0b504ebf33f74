"""The client systems that send events, and their keys."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from logs.redacting.fields import CardSafeCharField
from users.roles import Ability, Scope, scopes_can


class ClientSystem(models.Model):
    """A system that sends events; ids and idempotency belong to it, so its keys can be rotated."""

    name = CardSafeCharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A key of a client system: only its digest is stored, the secret is shown once."""

    client = models.ForeignKey(ClientSystem, on_delete=models.PROTECT, related_name="keys")
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=16, choices=Scope))
    is_test = models.BooleanField(
        "test key",
        default=False,
        db_default=False,
        help_text="Written fgt_…: whatever it does is carried out in full and then undone.",
    )
    allowed_networks = ArrayField(models.CharField(max_length=49), default=list, blank=True)
    rate_limit = models.PositiveIntegerField(
        null=True, blank=True, help_text="Requests a minute; empty: none."
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="To the minute: not every call is written down."
    )
    replaced_by = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaces", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.client} ({self.prefix})"

    @property
    def state(self) -> str:
        """live, replaced (live for a while beside its successor), expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= timezone.now():
            return "expired"
        return "replaced" if self.replaced_by_id else "live"

    def can(self, ability: Ability) -> bool:
        return scopes_can(self.scopes, ability)
