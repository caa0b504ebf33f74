"""The audit trail for its pages: filters from the URL, and what changed in readable form."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from logs.models import AuditEvent

EXACT = ("actor", "action", "subject_kind", "subject", "request_id")


@dataclass(frozen=True)
class Change:
    """One value that differs; texts, None where there was or is none."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class TrailFilter:
    """What the URL asks for; every value is empty or usable."""

    actor: str = ""
    action: str = ""
    subject_kind: str = ""
    subject: str = ""
    request_id: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "TrailFilter":
        """A moment that cannot be read counts as not given."""
        texts = {name: clean(query.get(name, "")) for name in EXACT}
        moments = {name: query.get(name, "") for name in ("since", "until")}
        return cls(**texts, **{name: text if moment_of(text) else "" for name, text in moments.items()})

    @property
    def narrows(self) -> bool:
        return any(asdict(self).values())

    @property
    def given(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def address(self) -> str:
        return urlencode(self.given)


def clean(text: str) -> str:
    return text.strip()[:150].replace("\x00", "")


def moment_of(text: str) -> datetime | None:
    """A day or a moment as a browser's field writes it, in local time; None for anything else."""
    try:
        found = parse_datetime(text) or _midnight(text)
        aware = found if found is None or timezone.is_aware(found) else timezone.make_aware(found)
        return aware if aware is None or 1900 < aware.year < 9000 else None
    except (ValueError, OverflowError):
        return None


def _midnight(text: str) -> datetime | None:
    day = parse_date(text)
    return datetime(day.year, day.month, day.day) if day else None


def within(found: QuerySet, wanted: Any) -> QuerySet:
    """The rows from `since` up to, not including, `until`."""
    if wanted.since:
        found = found.filter(at__gte=moment_of(wanted.since))
    if wanted.until:
        found = found.filter(at__lt=moment_of(wanted.until))
    return found


def trail(wanted: TrailFilter) -> QuerySet[AuditEvent]:
    """Events that the filter lets through; an action that ends in a dot stands for all that begin so."""
    found = within(AuditEvent.objects.all(), wanted)
    for name in EXACT:
        value = getattr(wanted, name)
        if value:
            lookup = f"{name}__startswith" if name == "action" and value.endswith(".") else name
            found = found.filter(**{lookup: value})
    return found


def changes(event: AuditEvent) -> list[Change]:
    """What differs between before and after, by name; nested values by their path."""
    before, after = dict(_leaves(event.before)), dict(_leaves(event.after))
    names = [*before, *(name for name in after if name not in before)]
    return [
        Change(name.replace("_", " "), before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]


def with_changes(events: list[AuditEvent]) -> list[tuple[AuditEvent, list[Change]]]:
    return [(event, changes(event)) for event in events]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str | None]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif path or (value is not None and value != {}):
        yield path or "value", _text(value)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False)
