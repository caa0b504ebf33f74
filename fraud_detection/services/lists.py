"""Who stands on the block and allow lists now, and putting entries on and off every list."""

import ipaddress
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from fraud_detection.models import ALLOW, BLOCK, CustomList, ListEntry, ListKind
from logs.services import record
from users.models import User

FIELDS = (
    (ListKind.ACCOUNT, "sender_id"),
    (ListKind.ACCOUNT, "receiver_id"),
    (ListKind.ACCOUNT, "user_id"),
    (ListKind.CARD, "card_token"),
    (ListKind.DEVICE, "device_id"),
    (ListKind.IP, "ip_address"),
    (ListKind.MERCHANT, "merchant_id"),
)
LOOKUP = """
    select entry.list, entry.kind, entry.value
    from unnest(%s::text[], %s::text[]) as wanted(kind, value)
    join fraud_detection_listentry entry on entry.kind = wanted.kind and entry.value = wanted.value
    where entry.removed_at is null and (entry.expires_at is null or entry.expires_at > %s)
    order by entry.id
"""


class EntryRefused(ValueError):
    """A value that cannot stand on a list; the message says why."""


class Listed(NamedTuple):
    """What the lists say of an event."""

    on_block_list: bool
    block_list_entry: str | None
    on_allow_list: bool


NOT_LISTED = Listed(False, None, False)


def any_entries() -> bool:
    """Whether there is anything to look up at all."""
    return ListEntry.objects.filter(removed_at__isnull=True).exists()


def listed(values: Mapping[str, Any], now: datetime) -> Listed:
    """Look every party of a parsed event up."""
    wanted = [(kind, values[field]) for kind, field in FIELDS if field in values]
    if "email" in values:
        wanted.append((ListKind.EMAIL_DOMAIN, values["email"].rpartition("@")[2].lower()))
    with connection.cursor() as cursor:
        cursor.execute(LOOKUP, ([str(kind) for kind, _ in wanted], [value for _, value in wanted], now))
        found = cursor.fetchall()
    blocked = [f"{ListKind(kind).label} {value}" for name, kind, value in found if name == BLOCK]
    allowed = any(name == ALLOW for name, _, _ in found)
    return Listed(bool(blocked), blocked[0] if blocked else None, allowed)


def listed_value(kind: str, value: str) -> str:
    """The value as events carry it; raises EntryRefused."""
    value = value.strip()
    if kind == ListKind.IP:
        try:
            return str(ipaddress.ip_address(value))
        except ValueError:
            raise EntryRefused(f"'{value[:64]}' is not an IPv4 or IPv6 address") from None
    if kind == ListKind.EMAIL_DOMAIN:
        value = value.lower().removeprefix("@")
    if not value or not value.isprintable():
        raise EntryRefused("must be printable text, not blank")
    return value


def check_list(name: str, kind: str) -> None:
    """Raises EntryRefused unless there is such a list and it holds this kind."""
    custom = name not in (BLOCK, ALLOW)
    if custom and not CustomList.objects.filter(name=name).exists():
        raise EntryRefused(f"there is no list '{name[:64]}'; make it first, or use block or allow")
    if custom != (kind == ListKind.WORD):
        raise EntryRefused("custom lists hold words; block and allow lists hold anything else")


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
    value = listed_value(kind, value)
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
        _audit("list_entry.added", entry, acting_user, request_id)
    return entry


@transaction.atomic
def remove_list_entry(*, entry_id: int, acting_user: User, request_id: str = "") -> ListEntry:
    """Take an entity off; repeating it changes nothing."""
    entry = ListEntry.objects.select_for_update().get(pk=entry_id)
    if entry.removed_at is None:
        entry.removed_at = timezone.now()
        entry.save(update_fields=("removed_at",))
        _audit("list_entry.removed", entry, acting_user, request_id)
    return entry


def _audit(action: str, entry: ListEntry, user: User, request_id: str) -> None:
    record(
        action,
        actor_kind="user",
        actor=user.email,
        subject_kind="list_entry",
        subject=str(entry.pk),
        after={"list": entry.list, "kind": entry.kind, "reason": entry.reason},
        request_id=request_id,
    )
