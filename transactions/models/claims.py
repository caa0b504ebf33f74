"""Claims on insurance, as they were sent, and what is counted of those who are paid by them."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from logs.redacting.fields import CardSafeCharField
from transactions.models.applications import AMOUNT


def _shared(column: str, name: str, *read: str) -> models.Index:
    """Claims that name the same thing, newest first, with what is counted of them."""
    return models.Index(
        fields=(column, "occurred_at", "id"),
        include=read,
        condition=Q(**{f"{column}__isnull": False}),
        name=name,
    )


class InsuranceClaim(models.Model):
    """One claim; money in the reporting currency. `occurred_at` is when it was reported.

    Ids are arrival order. A day that was sent without a time stands at its first moment in UTC. `*_key` are
    64-bit digests of what stands beside them; `claimant_key` is the policy's where no claimant was named.
    """

    client = models.ForeignKey(
        "users.ClientSystem", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    claim_id = models.CharField(max_length=128)
    body_digest = models.BinaryField(max_length=16)
    customer = models.ForeignKey(
        "users.Customer", on_delete=models.PROTECT, db_index=False, related_name="claims"
    )
    occurred_at = models.DateTimeField("reported at")
    received_at = models.DateTimeField(default=timezone.now)

    policy_id = CardSafeCharField(max_length=128)
    claim_amount = models.DecimalField(max_digits=20, decimal_places=4)
    estimated_value = models.DecimalField(max_digits=20, decimal_places=4)
    claimant_id = CardSafeCharField(max_length=128, null=True, blank=True)
    product = CardSafeCharField(max_length=64, null=True, blank=True)
    cover = CardSafeCharField(max_length=64, null=True, blank=True)
    peril = CardSafeCharField(max_length=64, null=True, blank=True)
    renewed = models.BooleanField(null=True)
    address = CardSafeCharField(max_length=300, null=True, blank=True)
    loss_date = models.DateTimeField(null=True, blank=True)
    loss_has_time = models.BooleanField(default=False)
    policy_inception = models.DateTimeField(null=True, blank=True)
    policy_end = models.DateTimeField(null=True, blank=True)
    last_cover_increase = models.DateTimeField(null=True, blank=True)
    cover_limit = models.DecimalField(**AMOUNT)
    market_value = models.DecimalField(**AMOUNT)
    provider_id = CardSafeCharField(max_length=128, null=True, blank=True)
    phone = CardSafeCharField(max_length=32, null=True, blank=True)
    bank_account = CardSafeCharField(max_length=64, null=True, blank=True)
    device_id = CardSafeCharField(max_length=128, null=True, blank=True)
    object_id = CardSafeCharField(max_length=300, null=True, blank=True)
    document_hash = CardSafeCharField(max_length=128, null=True, blank=True)
    details_changed_at = models.DateTimeField(null=True, blank=True)

    amount_minor = models.BigIntegerField()
    amount_ln = models.IntegerField(null=True)
    claimant_key = models.BigIntegerField()
    policy_key = models.BigIntegerField()
    product_key = models.BigIntegerField()
    provider_key = models.BigIntegerField(null=True)
    device_key = models.BigIntegerField(null=True)
    phone_key = models.BigIntegerField(null=True)
    bank_key = models.BigIntegerField(null=True)
    object_key = models.BigIntegerField(null=True)
    document_key = models.BigIntegerField(null=True)
    peril_key = models.BigIntegerField(null=True)
    cover_key = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("client", "claim_id"), name="transactions_claim_once"),
        )
        indexes = (
            _shared("claimant_key", "transactions_claim_claimant", "peril_key", "amount_minor"),
            _shared("phone_key", "transactions_claim_phone", "claimant_key"),
            _shared("bank_key", "transactions_claim_bank", "claimant_key"),
            _shared("device_key", "transactions_claim_device", "claimant_key"),
            _shared("document_key", "transactions_claim_document"),
            _shared("peril_key", "transactions_claim_peril", "amount_minor"),
            _shared("object_key", "transactions_claim_object"),
            _shared("address", "transactions_claim_address"),
            _shared("provider_key", "transactions_claim_provider"),
            models.Index(
                fields=("product_key", "occurred_at", "id"),
                include=("provider_key", "amount_minor"),
                condition=Q(provider_key__isnull=False),
                name="transactions_claim_product",
            ),
            models.Index(fields=("customer", "-id"), name="transactions_claim_customer"),
            models.Index(fields=("occurred_at", "id"), name="transactions_claim_time"),
        )

    def __str__(self) -> str:
        return self.claim_id

    @property
    def reported_at(self) -> datetime:
        return self.occurred_at


class ClaimProvider(models.Model):
    """A provider within a product, and the latest day it had a claim: its peers are found by it."""

    product_key = models.BigIntegerField()
    provider_key = models.BigIntegerField()
    provider_id = CardSafeCharField(max_length=128)
    last_day = models.IntegerField(help_text="Whole days since 1970-01-01 UTC.")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("product_key", "provider_key"),
                include=("last_day",),
                name="transactions_provider_once",
            ),
        )

    def __str__(self) -> str:
        return self.provider_id


class ProviderDay(models.Model):
    """A provider's claims of one day (UTC) in a product: how many, and their sum in hundredths."""

    product_key = models.BigIntegerField()
    provider_key = models.BigIntegerField()
    day = models.IntegerField(help_text="Whole days since 1970-01-01 UTC.")
    claims = models.IntegerField()
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("product_key", "provider_key", "day"), name="transactions_provider_day_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider_key} {self.day}"
