"""Statuses that become known after their event."""

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum

from transactions.models import Status, StatusChange, Transaction
from transactions.services.given_status import KEYS
from transactions.services.storing import current_version, lock_accounts


class TransactionUnknown(LookupError):
    """There is no event of this id whose status could change."""

    def __init__(self, transaction_id: str):
        super().__init__(f"there is no transaction '{transaction_id}'")


def change_status(
    *, client_id: int, transaction_id: str, status: str, recorded_by: str
) -> StatusChange | None:
    """Add what became of an event, known from now on; None when it already stands so.

    The accounts are held meanwhile: what is decided about them after this counts it. Earlier decisions
    stay as they are. Raises TransactionUnknown.
    """
    while True:
        try:
            with transaction.atomic():
                return _changed(client_id, transaction_id, status, recorded_by)
        except Transaction.DoesNotExist:
            continue  # corrected while its row was awaited: look at the version that is current now


def _changed(client_id: int, transaction_id: str, status: str, recorded_by: str) -> StatusChange | None:
    found = current_version(client_id, transaction_id)
    if found is None:
        raise TransactionUnknown(transaction_id)
    lock_accounts(found.keys, patience_ms=settings.DECISION_TIMEOUT_MS)
    event = Transaction.objects.select_for_update().get(pk=found.id, superseded_by__isnull=True)
    newest = event.status_changes.order_by("-id").first()
    if newest is not None and newest.status == status:
        return None
    standing = event.status_changes.aggregate(total=Sum("declined_delta", default=0))["total"]
    now = _clock()
    return StatusChange.objects.create(
        transaction=event,
        status=status,
        known_at=now,
        recorded_at=now,
        recorded_by=recorded_by,
        declined_delta=int(status == Status.DECLINED) - standing,
        **{key: getattr(event, key) for key in KEYS},
    )


def _clock():
    """The database's clock, by which events without a time of their own are dated."""
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        return cursor.fetchone()[0]
