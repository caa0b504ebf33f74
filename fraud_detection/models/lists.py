"""Lists of entities and words: block and allow settle more than a score does, custom ones serve rules."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from logs.redacting.fields import CardSafeCharField

BLOCK, ALLOW = "block", "allow"


class ListKind(models.TextChoices):
    CUSTOMER = "customer", "Customer"
    ACCOUNT = "account", "Account"
    CARD = "card", "Card"
    DEVICE = "device", "Device"
    IP = "ip", "IP address"
    IP_RANGE = "ip_range", "IP range"
    MERCHANT = "merchant", "Merchant"
    EMAIL_DOMAIN = "email_domain", "E-mail domain"
    COUNTRY = "country", "Country"
    WORD = "word", "Word"


# A rule asks whether a text stands on a list; whether an address lies in a range only block and allow know.
CUSTOM_KINDS = tuple((kind.value, kind.label) for kind in ListKind if kind is not ListKind.IP_RANGE)


class CustomList(models.Model):
    """A list that rules read by its name: `merchant_category in risky_categories`.

    `kind` is what it holds: words, or entities as events carry them. A deleted list keeps its row and its
    entries, so that earlier decisions still replay. `revision` grows with every edit.
    """

    name = CardSafeCharField(
        max_length=48,
        primary_key=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]{2,47}$", "3 to 48 small letters, digits and _")],
    )
    kind = models.CharField(
        max_length=16, choices=CUSTOM_KINDS, default=ListKind.WORD, db_default=ListKind.WORD.value
    )
    description = CardSafeCharField(max_length=500)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    revision = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ListEntry(models.Model):
    """One entity or word on a list, until it expires or is removed; entries are kept for the record.

    `list` is block, allow or the name of a CustomList. `revision` grows with every edit.
    """

    list = models.CharField(max_length=48)
    kind = models.CharField(max_length=16, choices=ListKind)
    value = CardSafeCharField(max_length=254)
    reason = CardSafeCharField(max_length=500)
    expires_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    removed_by = models.CharField(max_length=150, blank=True, default="", db_default="", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150, editable=False)
    revision = models.PositiveIntegerField(default=1, db_default=1, editable=False)

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
        indexes = (
            models.Index(fields=("list", "-id"), name="fraud_listentry_list"),
            models.Index(
                fields=("id",),
                condition=models.Q(removed_at__isnull=True, list__in=(BLOCK, ALLOW)),
                name="fraud_listentry_entities",
            ),
            models.Index(
                fields=("expires_at",),
                condition=models.Q(removed_at__isnull=True, expires_at__isnull=False)
                & ~models.Q(list__in=(BLOCK, ALLOW)),
                name="fraud_listentry_ending",
            ),
        )

    def __str__(self) -> str:
        return f"{self.list} list: {self.get_kind_display()} {self.value}"


class ListChanges(models.Model):
    """How often the entries of a list were changed, and ranges of addresses among them."""

    list = models.CharField(max_length=48, primary_key=True)
    entries = models.PositiveBigIntegerField(default=0)
    ranges = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ("list",)
        verbose_name_plural = "list changes"

    def __str__(self) -> str:
        return self.list
