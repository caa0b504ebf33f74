"""Every list with what stands on it and where it is used."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from fraud_detection.models import ALLOW, BLOCK, CustomList, ListEntry
from fraud_detection.services.listing.usage import Reading, entity_hits, rules_reading
from fraud_detection.services.listing.values import ENTITY_LISTS

MEANINGS = {
    BLOCK: "Events of these are declined, whatever else is known.",
    ALLOW: "Events of these are approved, unless a rule that cannot be overridden hits.",
}
STATES = ("standing", "expired", "removed", "all")


@dataclass(frozen=True)
class Overview:
    """A list; `kind` and `version` are None for block and allow, `hits_30d` where its use leaves no hit."""

    name: str
    kind: str | None
    description: str
    entries: int
    used_by: list[Reading]
    hits_30d: int | None
    version: int | None = None
    created_at: datetime | None = None
    created_by: str = ""

    @property
    def is_custom(self) -> bool:
        return self.kind is not None


def lists_overview(now: datetime) -> list[Overview]:
    """Block and allow first, then the custom lists by name."""
    custom = list(CustomList.objects.filter(removed_at=None))
    counts = dict(
        entries_of(None, "standing", now).order_by().values_list("list").annotate(count=Count("id"))
    )
    readings = rules_reading(each.name for each in custom)
    entity = [_entity(name, counts.get(name, 0), now) for name in ENTITY_LISTS]
    return entity + [_custom(each, counts.get(each.name, 0), readings[each.name]) for each in custom]


def one_list(name: str, now: datetime) -> Overview:
    """Raises CustomList.DoesNotExist."""
    count = entries_of(name, "standing", now).count()
    if name in ENTITY_LISTS:
        return _entity(name, count, now)
    custom = CustomList.objects.get(name=name, removed_at=None)
    return _custom(custom, count, rules_reading([name])[name])


def entries_of(name: str | None, state: str, now: datetime) -> QuerySet[ListEntry]:
    """The entries of a list (None: of every list) in one of STATES, newest first."""
    found = ListEntry.objects.order_by("-id")
    found = found.filter(list=name) if name is not None else found
    alive = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    if state == "standing":
        return found.filter(alive, removed_at=None)
    if state == "expired":
        return found.filter(removed_at=None, expires_at__lte=now)
    if state == "removed":
        return found.filter(removed_at__isnull=False)
    return found


def _entity(name: str, count: int, now: datetime) -> Overview:
    return Overview(name, None, MEANINGS[name], count, [], entity_hits(name, now))


def _custom(each: CustomList, count: int, readings: list[Reading]) -> Overview:
    return Overview(
        each.name,
        each.kind,
        each.description,
        count,
        readings,
        None,
        version=each.revision,
        created_at=each.created_at,
        created_by=each.created_by,
    )
