"""What became known about events after they happened."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from logs.redacting.fields import CardSafeCharField
from transactions.models.transaction import Transaction


class Verdict(models.TextChoices):
    FRAUD = "fraud", "Fraud"
    LEGITIMATE = "legitimate", "Legitimate"
    WITHDRAWN = "withdrawn", "Withdrawn"  # nothing is known any more; nobody may send this


class LabelSource(models.TextChoices):
    CHARGEBACK = "chargeback", "Chargeback"
    CUSTOMER = "customer", "Customer"
    ANALYST = "analyst", "Analyst"
    IMPORT = "import", "Imported history"


class Label(models.Model):
    """What became known about an event, and when; rows are added, never changed.

    `fraud_delta` is +1 when this row makes the event a fraud, -1 when it takes that back, else 0,
    so a sum over a window of `known_at` is exact whatever was corrected since.
    """

    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="labels")
    verdict = models.CharField(max_length=16, choices=Verdict)
    source = models.CharField(max_length=16, choices=LabelSource)
    reason = CardSafeCharField(max_length=500, blank=True)
    occurred_at = models.DateTimeField(null=True, blank=True)
    known_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.CharField(max_length=150, blank=True)
    fraud_delta = models.SmallIntegerField()
    receiver_key = models.BigIntegerField(null=True)
    device_key = models.BigIntegerField(null=True)
    ip_key = models.BigIntegerField(null=True)
    merchant_key = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(verdict__in=Verdict.values), name="transactions_label_verdict"
            ),
            models.CheckConstraint(condition=Q(fraud_delta__in=(-1, 0, 1)), name="transactions_label_delta"),
        )
        indexes = tuple(
            models.Index(
                fields=(f"{entity}_key", "known_at", "id"),
                include=("fraud_delta",),
                condition=Q(**{f"{entity}_key__isnull": False}),
                name=f"transactions_label_{entity}",
            )
            for entity in ("receiver", "device", "ip", "merchant")
        )

    def __str__(self) -> str:
        return f"{self.transaction_id}: {self.verdict}"


class Status(models.TextChoices):
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    REVERSED = "reversed", "Reversed"
    PENDING = "pending", "Pending"


class StatusChange(models.Model):
    """What a client's system did with an event, and when that became known; rows are added, never changed.

    A status given with the event is known when the event happened, a later one when it was received.
    `declined_delta` is +1 when this row makes the event a decline, -1 when it takes that back, else 0.
    """

    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="status_changes")
    status = models.CharField(max_length=16, choices=Status)
    known_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.CharField(max_length=150, blank=True)
    declined_delta = models.SmallIntegerField()
    sender_key = models.BigIntegerField()
    card_key = models.BigIntegerField(null=True)
    device_key = models.BigIntegerField(null=True)
    ip_key = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(status__in=Status.values), name="transactions_status_known"),
            models.CheckConstraint(
                condition=Q(declined_delta__in=(-1, 0, 1)), name="transactions_status_delta"
            ),
        )
        # Only declines, made or taken back, are counted: other rows cost these indexes nothing.
        indexes = tuple(
            models.Index(
                fields=(f"{entity}_key", "known_at", "transaction", "id"),
                include=("declined_delta",),
                condition=Q(**{f"{entity}_key__isnull": False}) & ~Q(declined_delta=0),
                name=f"transactions_status_{entity}",
            )
            for entity in ("sender", "card", "device", "ip")
        )

    def __str__(self) -> str:
        return f"{self.transaction_id}: {self.status}"
