"""Custom lists: named sets of texts that conditions read, as they stood at any moment."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from fraud_detection.models import CustomList, ListEntry
from fraud_detection.services.listing.life import make_custom_list
from fraud_detection.services.listing.values import ENTITY_LISTS

__all__ = ["Lists", "ListsMark", "custom_lists", "lists_mark", "make_custom_list"]

Lists = dict[str, frozenset[str]]
# Counts of changes and the newest end that has come: never a scan of the entries, of which there may be many.
MARK = """
    select
        (select sum(entries) from fraud_detection_listchanges where list not in ('block', 'allow')),
        (select max(expires_at) from fraud_detection_listentry
         where removed_at is null and expires_at is not null and list not in ('block', 'allow')
            and expires_at <= %(now)s),
        named.*,
        (select sum(ranges) from fraud_detection_listchanges where list in ('block', 'allow')),
        exists (select 1 from fraud_detection_listentry
                where removed_at is null and list in ('block', 'allow'))
    from (select count(*), sum(revision), max(removed_at) from fraud_detection_customlist) named
"""


class ListsMark(NamedTuple):
    """Changes whenever what it stands for does: the words rules read; the block and allow lists."""

    custom: tuple[Any, ...]
    entities: tuple[Any, ...]


def custom_lists(at: datetime) -> Lists:
    """Every custom list with what stood on it at that moment."""
    words: dict[str, set[str]] = {name: set() for name in _lists(at)}
    standing = ListEntry.objects.filter(_standing(at)).exclude(list__in=ENTITY_LISTS)
    for name, value in standing.values_list("list", "value"):
        if name in words:
            words[name].add(value)
    return {name: frozenset(values) for name, values in words.items()}


def lists_mark(now: datetime) -> ListsMark:
    """Changes whenever a list does: an entry added, removed or expired, a list made or deleted."""
    with connection.cursor() as cursor:
        cursor.execute(MARK, {"now": now})
        found = cursor.fetchone()
    return ListsMark(found[:5], found[5:])


def _lists(at: datetime) -> list[str]:
    kept = Q(removed_at__isnull=True) | Q(removed_at__gt=at)
    return list(CustomList.objects.filter(kept).values_list("name", flat=True))


def _standing(at: datetime) -> Q:
    kept = Q(removed_at__isnull=True) | Q(removed_at__gt=at)
    alive = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
    return Q(created_at__lte=at) & kept & alive
