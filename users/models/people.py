"""People who work here."""

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from logs.redacting.fields import CardSafeCharField
from users.roles import Ability, Role, role_can


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        if not email:
            raise ValueError("email: is required")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, role=Role.ADMIN, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=(email or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail; `role` decides what they may do."""

    email = models.EmailField(unique=True)
    name = CardSafeCharField(max_length=150, blank=True)
    role = models.CharField(max_length=16, choices=Role, default=Role.ANALYST)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    awaits_verification = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Registered by themselves and has not followed the link to their e-mail yet.",
    )
    session_epoch = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="Sessions of an earlier one have ended."
    )

    objects = UserManager()
    _has_two_factor = False
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        ordering = ("email",)
        constraints = (
            models.UniqueConstraint(Lower("email"), name="users_user_email_ci"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="users_user_role_known"),
        )

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()  # people sign in whatever case they type

    def save(self, *args, **kwargs) -> None:
        """A stale copy, saved whole, must not bring back sessions that were ended meanwhile."""
        if not self._state.adding and kwargs.get("update_fields") is None and not args:
            names = {field.name for field in self._meta.concrete_fields if not field.primary_key}
            kwargs["update_fields"] = names - {"session_epoch"} - self.get_deferred_fields()
        super().save(*args, **kwargs)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A session stands for this password and this epoch (Django compares it at every request)."""
        stands_for = f"{self.session_epoch}:{self.password}"
        return salted_hmac("users.session", stands_for, secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_staff(self) -> bool:
        """The admin site opens for admins and, read-only, for auditors."""
        return self.is_active and self.role in (Role.ADMIN, Role.AUDITOR) and not self.lacks_two_factor

    @property
    def lacks_two_factor(self) -> bool:
        """Their role needs a second factor (TWO_FACTOR_ROLES) and they have none: they may do nothing."""
        if self.role not in settings.TWO_FACTOR_ROLES or self.pk is None:
            return False
        if not self._has_two_factor:  # only what is there is remembered: it may come within one request
            self._has_two_factor = self.authenticator_set.exclude(type="recovery_codes").exists()
        return not self._has_two_factor

    @property
    def initials(self) -> str:
        parts = (self.name or self.email.partition("@")[0].replace(".", " ")).split()
        return "".join(part[0] for part in parts[:2]).upper()

    def can(self, ability: Ability) -> bool:
        return self.is_active and role_can(self.role, ability) and not self.lacks_two_factor

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        """Django's own question, for admin pages that are not ours: admins may, auditors may look."""
        looks = perm.rpartition(".")[2].startswith("view_")
        return self.can(Ability.MANAGE) or (looks and self.is_staff)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff
