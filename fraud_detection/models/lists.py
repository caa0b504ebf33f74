"""Lists of entities and words: block and allow settle more than a score does, custom ones serve rules."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

BLOCK, ALLOW = "block", "allow"


class ListKind(models.TextChoices):
    ACCOUNT = "account", "Account"
    CARD = "card", "Card"
    DEVICE = "device", "Device"
    IP = "ip", "IP address"
    MERCHANT = "merchant", "Merchant"
    EMAIL_DOMAIN = "email_domain", "E-mail domain"
    WORD = "word", "Word of a custom list"


class CustomList(models.Model):
    """A list that rules read by its name: `merchant_category in risky_categories`."""

    name = models.CharField(
        max_length=48,
        primary_key=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]{2,47}$", "3 to 48 small letters, digits and _")],
    )
    description = models.CharField(max_length=500)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ListEntry(models.Model):
    """One entity or word on a list, until it expires or is removed; entries are kept for the record.

    `list` is block, allow or the name of a CustomList.
    """

    list = models.CharField(max_length=48)
    kind = models.CharField(max_length=16, choices=ListKind)
    value = models.CharField(max_length=254)
    reason = models.CharField(max_length=500)
    expires_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150, editable=False)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "list entries"
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "value", "list"),
                condition=models.Q(removed_at__isnull=True),
                name="fraud_listentry_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.list} list: {self.get_kind_display()} {self.value}"
