"""People who work here."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

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
    name = models.CharField(max_length=150, blank=True)
    role = models.CharField(max_length=16, choices=Role, default=Role.ANALYST)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()
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

    @property
    def is_staff(self) -> bool:
        """The admin site opens for admins and, read-only, for auditors."""
        return self.is_active and self.role in (Role.ADMIN, Role.AUDITOR)

    @property
    def initials(self) -> str:
        parts = (self.name or self.email.partition("@")[0].replace(".", " ")).split()
        return "".join(part[0] for part in parts[:2]).upper()

    def can(self, ability: Ability) -> bool:
        return self.is_active and role_can(self.role, ability)

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        """Django's own question, for admin pages that are not ours: admins may, auditors may look."""
        looks = perm.rpartition(".")[2].startswith("view_")
        return self.can(Ability.MANAGE) or (looks and self.is_staff)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff
