"""Invitations to work here."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from users.roles import Role


class Invitation(models.Model):
    """May register once under this e-mail and gets this role; only a digest of its secret is stored."""

    email = models.EmailField()
    role = models.CharField(max_length=16, choices=Role)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="invitations_sent"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitation"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="users_invitation_role_known"
            ),
            models.UniqueConstraint(
                fields=("email",),
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="users_invitation_one_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()}"

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None and self.expires_at > timezone.now()
