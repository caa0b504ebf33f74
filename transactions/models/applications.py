"""Applications for credit, as they were sent."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from logs.redacting.fields import CardSafeCharField

AMOUNT = {"max_digits": 20, "decimal_places": 4, "null": True, "blank": True}


def _shared(column: str, name: str, *read: str) -> models.Index:
    """Applications that name the same thing, newest first, with what is counted of them."""
    return models.Index(
        fields=(column, "occurred_at", "id"),
        include=read,
        condition=Q(**{f"{column}__isnull": False}),
        name=name,
    )


class CreditApplication(models.Model):
    """One application; money in the reporting currency, spans in months.

    Ids are arrival order. `*_key` are 64-bit digests of the ids beside them; `amount_minor` is the
    requested amount in hundredths, 0 when none was named.
    """

    client = models.ForeignKey(
        "users.ClientSystem", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    application_id = models.CharField(max_length=128)
    body_digest = models.BinaryField(max_length=16)
    customer = models.ForeignKey(
        "users.Customer", on_delete=models.PROTECT, db_index=False, related_name="applications"
    )
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)

    applicant_id = CardSafeCharField(max_length=128)
    monthly_income = models.DecimalField(max_digits=20, decimal_places=4)
    employment_length = models.PositiveIntegerField()
    requested_amount = models.DecimalField(**AMOUNT)
    monthly_debt = models.DecimalField(**AMOUNT)
    revolving_balance = models.DecimalField(**AMOUNT)
    revolving_limit = models.DecimalField(**AMOUNT)
    worst_delinquency_24m = models.PositiveIntegerField(null=True, blank=True)
    oldest_account_months = models.PositiveIntegerField(null=True, blank=True)
    inquiries_6m = models.PositiveIntegerField(null=True, blank=True)
    inquiries_7d = models.PositiveIntegerField(null=True, blank=True)
    account_types = models.PositiveIntegerField(null=True, blank=True)
    address_months = models.PositiveIntegerField(null=True, blank=True)
    public_records = models.PositiveIntegerField(null=True, blank=True)
    public_record_months_ago = models.PositiveIntegerField(null=True, blank=True)
    liquid_assets = models.DecimalField(**AMOUNT)
    monthly_expenses = models.DecimalField(**AMOUNT)
    verified_income = models.DecimalField(**AMOUNT)
    phone = CardSafeCharField(max_length=32, null=True, blank=True)
    device_id = CardSafeCharField(max_length=128, null=True, blank=True)
    identity_hash = CardSafeCharField(max_length=128, null=True, blank=True)

    amount_minor = models.BigIntegerField()
    applicant_key = models.BigIntegerField()
    phone_key = models.BigIntegerField(null=True)
    device_key = models.BigIntegerField(null=True)
    identity_key = models.BigIntegerField()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("client", "application_id"), name="transactions_application_once"
            ),
        )
        indexes = (
            _shared("phone_key", "transactions_appl_phone", "identity_key"),
            _shared("device_key", "transactions_appl_device", "identity_key"),
            models.Index(fields=("customer", "-id"), name="transactions_appl_customer"),
            models.Index(fields=("occurred_at", "id"), name="transactions_appl_time"),
        )

    def __str__(self) -> str:
        return self.application_id
