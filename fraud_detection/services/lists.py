"""Who stands on the block and allow lists now, and putting entries on and off every list."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from fraud_detection.models import BLOCK, ListEntry, ListKind
from fraud_detection.services.listing.changes import note_change
from fraud_detection.services.listing.networks import Networks, Standing
from fraud_detection.services.listing.values import (
    ENTITY_LISTS,
    EntryRefused,
    check_list,
    listed_reason,
    listed_value,
)
from logs.services import record
from logs.services.personal import about_row
from users.models import User

__all__ = ["EntryRefused", "add_list_entry", "check_list", "listed_value", "remove_list_entry"]

FIELDS = (
    (ListKind.CUSTOMER, "user_id"),
    (ListKind.ACCOUNT, "sender_id"),
    (ListKind.ACCOUNT, "receiver_id"),
    (ListKind.ACCOUNT, "user_id"),
    (ListKind.CARD, "card_token"),
    (ListKind.DEVICE, "device_id"),
    (ListKind.IP, "ip_address"),
    (ListKind.MERCHANT, "merchant_id"),
    (ListKind.COUNTRY, "country"),
    (ListKind.COUNTRY, "sender_country"),
    (ListKind.COUNTRY, "receiver_country"),
    (ListKind.COUNTRY, "ip_country"),
)
LOOKUP = """
    select entry.list, entry.kind, entry.value
    from unnest(%s::text[], %s::text[]) as wanted(kind, value)
    join fraud_detection_listentry entry on entry.kind = wanted.kind and entry.value = wanted.value
    where entry.removed_at is null and (entry.expires_at is null or entry.expires_at > %s)
        and entry.list in ('block', 'allow')
    order by entry.id
"""


class Listed(NamedTuple):
    """What the lists say of an event."""

    on_block_list: bool
    block_list_entry: str | None
    on_allow_list: bool


NOT_LISTED = Listed(False, None, False)


class ListsInUse(NamedTuple):
    """That something stands on the block or the allow list, and the ranges of addresses among it.

    Ranges are kept in the process and follow a change within seconds; all else is looked up each time.
    """

    networks: Networks


def lists_in_use() -> ListsInUse | None:
    """What decisions must look up; None when nothing stands on the block and allow lists."""
    entries = ListEntry.objects.filter(removed_at__isnull=True, list__in=ENTITY_LISTS)
    if not entries.exists():
        return None
    ranges = entries.filter(kind=ListKind.IP_RANGE).order_by("id")
    return ListsInUse(
        Networks(Standing(*row) for row in ranges.values_list("list", "value", "expires_at").iterator())
    )


def listed(values: Mapping[str, Any], now: datetime, networks: Networks) -> Listed:
    """Look every party of a parsed event up."""
    wanted = [(kind, values[field]) for kind, field in FIELDS if field in values]
    if "email" in values:
        wanted.append((ListKind.EMAIL_DOMAIN, values["email"].rpartition("@")[2].lower()))
    with connection.cursor() as cursor:
        cursor.execute(LOOKUP, ([str(kind) for kind, _ in wanted], [value for _, value in wanted], now))
        found = cursor.fetchall()
    if "ip_address" in values:
        held = networks.holding(values["ip_address"], now)
        found += [(entry.list, ListKind.IP_RANGE, entry.value) for entry in held]
    blocked = [f"{ListKind(kind).label} {value}" for name, kind, value in found if name == BLOCK]
    allowed = any(name != BLOCK for name, _, _ in found)
    return Listed(bool(blocked), blocked[0] if blocked else None, allowed)


@transaction.atomic
def add_list_entry(
    *,
    list: str,
    kind: str,
    value: str,
    reason: str,
    acting_user: User,
    expires_at: datetime | None = None,
    request_id: str = "",
) -> ListEntry:
    """Put an entity on a list; an entry that is already there is answered as it is, an expired one replaced.

    Raises EntryRefused for a value that no event could have.
    """
    check_list(list, kind)
    value, reason = listed_value(kind, value), listed_reason(reason)
    now = timezone.now()
    ListEntry.objects.filter(list=list, kind=kind, value=value, removed_at=None, expires_at__lte=now).update(
        removed_at=now
    )
    entry, created = ListEntry.objects.get_or_create(
        list=list,
        kind=kind,
        value=value,
        removed_at=None,
        defaults={"reason": reason, "expires_at": expires_at, "created_by": acting_user.email},
    )
    if created:
        note_change(list, ranges=kind == ListKind.IP_RANGE)
        _audit("list_entry.added", entry, acting_user, request_id)
    return entry


@transaction.atomic
def remove_list_entry(*, entry_id: int, acting_user: User, request_id: str = "") -> ListEntry:
    """Take an entity off; repeating it changes nothing."""
    entry = ListEntry.objects.select_for_update().get(pk=entry_id)
    if entry.removed_at is None:
        entry.removed_at = timezone.now()
        entry.removed_by = acting_user.email
        entry.revision += 1
        entry.save(update_fields=("removed_at", "removed_by", "revision"))
        note_change(entry.list, ranges=entry.kind == ListKind.IP_RANGE)
        _audit("list_entry.removed", entry, acting_user, request_id)
    return entry


def _audit(action: str, entry: ListEntry, user: User, request_id: str) -> None:
    expires = entry.expires_at.isoformat() if entry.expires_at else None
    record(
        action,
        actor_kind="user",
        actor=user.email,
        subject_kind="list_entry",
        subject=str(entry.pk),
        after={"list": entry.list, "kind": entry.kind, "reason": entry.reason, "expires_at": expires},
        request_id=request_id,
        about=about_row("list_entry", entry.pk),
    )
