"""Block and allow lists: entities whose appearance in an event settles more than a score does."""

from django.db import models
from django.utils import timezone


class ListName(models.TextChoices):
    BLOCK = "block", "Block"
    ALLOW = "allow", "Allow"


class ListKind(models.TextChoices):
    ACCOUNT = "account", "Account"
    CARD = "card", "Card"
    DEVICE = "device", "Device"
    IP = "ip", "IP address"
    MERCHANT = "merchant", "Merchant"
    EMAIL_DOMAIN = "email_domain", "E-mail domain"


class ListEntry(models.Model):
    """One entity on a list, until it expires or is removed; entries are kept for the record."""

    list = models.CharField(max_length=8, choices=ListName)
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
        return f"{self.get_list_display()} list: {self.get_kind_display()} {self.value}"
