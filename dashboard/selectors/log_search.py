"""Calls, predictions and system events for their pages: filters from the URL."""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict

from dashboard.selectors.trail import clean, moment_of, within
from fraud_detection.models import Assessment, Decision
from fraud_detection.models.governance import Engine
from logs.models import ApiCall, AuditEvent, Level, SystemEvent
from logs.selectors.happenings import model_deeds

OUTCOMES = (
    ("failed", "Failed, 400 and above"),
    ("server", "Our failures, 500 and above"),
    ("fine", "Answered"),
)
SLOW = (("10", "10 ms"), ("100", "100 ms"), ("1000", "1 s"))


class _Filter:
    """What the URL asks for; every value is empty or usable."""

    @classmethod
    def read(cls, query: QueryDict) -> Any:
        wanted = {}
        for name in cls.__dataclass_fields__:
            text = clean(query.get(name, ""))
            wanted[name] = text if cls.usable(name, text) else ""
        return cls(**wanted)

    @classmethod
    def usable(cls, name: str, text: str) -> bool:
        return moment_of(text) is not None if name in ("since", "until") else True

    @property
    def narrows(self) -> bool:
        return any(asdict(self).values())

    @property
    def address(self) -> str:
        return urlencode({name: value for name, value in asdict(self).items() if value})


@dataclass(frozen=True)
class CallFilter(_Filter):
    caller: str = ""
    route: str = ""
    outcome: str = ""
    slow: str = ""
    request_id: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def usable(cls, name: str, text: str) -> bool:
        known = {"outcome": dict(OUTCOMES), "slow": dict(SLOW)}.get(name)
        return text in known if known else super().usable(name, text)


def calls(wanted: CallFilter) -> QuerySet[ApiCall]:
    found = within(ApiCall.objects.all(), wanted)
    for name in ("caller", "route", "request_id"):
        if getattr(wanted, name):
            found = found.filter(**{name: getattr(wanted, name)})
    if wanted.outcome:
        bound = {"failed": {"status__gte": 400}, "server": {"status__gte": 500}, "fine": {"status__lt": 400}}
        found = found.filter(**bound[wanted.outcome])
    if wanted.slow:
        found = found.filter(latency_us__gt=int(wanted.slow) * 1000)
    return found


@dataclass(frozen=True)
class PredictionFilter(_Filter):
    engine: str = ""
    decision: str = ""
    model: str = ""
    customer: str = ""
    least: str = ""
    most: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def usable(cls, name: str, text: str) -> bool:
        known = {"engine": Engine.values, "decision": Decision.values}.get(name)
        if name in ("least", "most"):
            return text.isascii() and text.isdigit() and int(text[:4]) <= 100
        return text in known if known else super().usable(name, text)


def predictions(wanted: PredictionFilter) -> QuerySet[Assessment]:
    columns = {
        "engine": "engine",
        "decision": "decision",
        "model": "model_version",
        "customer": "customer__external_id",
        "least": "risk_score__gte",
        "most": "risk_score__lte",
    }
    found = Assessment.objects.select_related("customer").defer("features", "texts")
    if wanted.since:
        found = found.filter(decided_at__gte=moment_of(wanted.since))
    if wanted.until:
        found = found.filter(decided_at__lt=moment_of(wanted.until))
    given = {column: getattr(wanted, name) for name, column in columns.items() if getattr(wanted, name)}
    return found.filter(**given)


@dataclass(frozen=True)
class DeedFilter(_Filter):
    model: str = ""
    since: str = ""
    until: str = ""


def deeds(wanted: DeedFilter) -> QuerySet[AuditEvent]:
    found = within(model_deeds(), wanted)
    return found.filter(subject=wanted.model) if wanted.model else found


@dataclass(frozen=True)
class EventFilter(_Filter):
    kind: str = ""
    level: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def usable(cls, name: str, text: str) -> bool:
        return text in Level.values if name == "level" else super().usable(name, text)


def system_events(wanted: EventFilter) -> QuerySet[SystemEvent]:
    found = within(SystemEvent.objects.all(), wanted)
    given = {name: getattr(wanted, name) for name in ("kind", "level") if getattr(wanted, name)}
    return found.filter(**given)
