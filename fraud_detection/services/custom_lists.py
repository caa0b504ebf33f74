"""Custom lists: named sets of words that conditions read, as they stood at any moment."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from fraud_detection.models import CustomList, ListEntry, ListKind
from logs.services import record
from users.models import User

Lists = dict[str, frozenset[str]]


def custom_lists(at: datetime) -> Lists:
    """Every custom list with the words that stood on it at that moment."""
    words: dict[str, set[str]] = {name: set() for name in CustomList.objects.values_list("name", flat=True)}
    standing = ListEntry.objects.filter(_standing(at), kind=ListKind.WORD)
    for name, value in standing.values_list("list", "value"):
        words.setdefault(name, set()).add(value)
    return {name: frozenset(values) for name, values in words.items()}


def lists_mark(now: datetime) -> tuple[Any, ...]:
    """Changes whenever a custom list does: a word added, removed or expired, a list made."""
    entries = ListEntry.objects.filter(kind=ListKind.WORD).aggregate(
        Max("id"), Max("removed_at"), standing=Count("id", filter=_standing(now))
    )
    return (*entries.values(), CustomList.objects.count())


def make_custom_list(*, name: str, description: str, acting_user: User, request_id: str = "") -> CustomList:
    """Make a list that rules can name; raises ValidationError for a name they could not."""
    made = CustomList(name=name, description=description, created_by=acting_user.email)
    made.full_clean()
    made.save(force_insert=True)
    record(
        "custom_list.made",
        actor_kind="user",
        actor=acting_user.email,
        subject_kind="custom_list",
        subject=name,
        request_id=request_id,
    )
    return made


def _standing(at: datetime) -> Q:
    kept = Q(removed_at__isnull=True) | Q(removed_at__gt=at)
    alive = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
    return Q(created_at__lte=at) & kept & alive
