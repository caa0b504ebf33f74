"""Changing an entry that stands: its reason and its end."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from fraud_detection.models import ListEntry, ListKind
from fraud_detection.services.listing.changes import note_change
from fraud_detection.services.listing.life import ListConflict
from fraud_detection.services.listing.values import EntryRefused, listed_reason
from logs.services import record
from logs.services.personal import about_row
from users.models import User


@transaction.atomic
def edit_list_entry(
    *,
    entry_id: int,
    reason: str,
    expires_at: datetime | None,
    seen: int,
    acting_user: User,
    request_id: str = "",
) -> ListEntry:
    """Give an entry another reason or end; what was true of the past stays so.

    Raises ListEntry.DoesNotExist, ListConflict when it was changed or has ended, EntryRefused.
    """
    entry = ListEntry.objects.select_for_update().get(pk=entry_id)
    now = timezone.now()
    if entry.removed_at is not None:
        raise ListConflict(f"{entry} was removed by {entry.removed_by or 'somebody'}; add it anew.")
    if entry.expires_at is not None and entry.expires_at <= now:
        raise ListConflict(f"{entry} has expired; add it anew.")
    if entry.revision != seen:
        raise ListConflict(f"{entry} was changed since version {seen}; look at it again.")
    reason = listed_reason(reason)
    if expires_at is not None and expires_at <= now:
        raise EntryRefused("must lie in the future; remove the entry to end it now", "expires_at")
    before = _state(entry)
    entry.reason, entry.expires_at = reason, expires_at
    if _state(entry) == before:
        return entry
    entry.revision += 1
    entry.save(update_fields=("reason", "expires_at", "revision"))
    note_change(entry.list, ranges=entry.kind == ListKind.IP_RANGE)
    record(
        "list_entry.edited",
        actor_kind="user",
        actor=acting_user.email,
        subject_kind="list_entry",
        subject=str(entry.pk),
        before=before,
        after=_state(entry),
        request_id=request_id,
        about=about_row("list_entry", entry.pk),
    )
    return entry


def _state(entry: ListEntry) -> dict[str, str | None]:
    expires = entry.expires_at.isoformat() if entry.expires_at else None
    return {"list": entry.list, "reason": entry.reason, "expires_at": expires}
