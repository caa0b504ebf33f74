"""Decisions of engines whose events have tables of their own: applications, claims, orders."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict

from dashboard.selectors.decisions import STOPPED
from dashboard.templatetags.figures import amount, day_or_moment, plain
from fraud_detection.models import Assessment, Decision
from fraud_detection.models.governance import Engine
from fraud_detection.selectors import engine_link, request_fields

OWN_EVENTS = tuple(name for name in Engine.values if engine_link(name) not in (None, "transaction"))


@dataclass(frozen=True)
class DecisionFilter:
    """What the URL asks for; every value is empty or usable."""

    engine: str = ""
    decision: str = ""
    q: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "DecisionFilter":
        """Unknown values count as not given."""
        return cls(
            engine=_known(query.get("engine", ""), OWN_EVENTS),
            decision=_known(query.get("decision", ""), (*Decision.values, "stopped")),
            q=query.get("q", "").strip()[:128].replace("\x00", ""),
        )

    @property
    def narrows(self) -> bool:
        return any(asdict(self).values())

    def address(self) -> str:
        return urlencode({name: value for name, value in asdict(self).items() if value})


def _known(value: str, allowed) -> str:
    return value if value in allowed else ""


def engine_choices() -> list[tuple[str, str]]:
    """(name, label) of the engines whose decisions are listed here."""
    return [(name, Engine(name).label) for name in OWN_EVENTS]


def engine_decisions(wanted: DecisionFilter) -> QuerySet[Assessment]:
    """Decisions that the filter lets through, unordered; `q` is an id of the event or of its customer."""
    found = Assessment.objects.select_related("customer")
    found = found.filter(engine__in=(wanted.engine,) if wanted.engine else OWN_EVENTS)
    if wanted.decision:
        found = found.filter(decision__in=STOPPED if wanted.decision == "stopped" else (wanted.decision,))
    if wanted.q:
        found = found.filter(Q(external_id=wanted.q) | Q(customer__external_id=wanted.q))
    return found


def stored_event(assessment: Assessment) -> Any:
    """The application, claim or order that was decided about."""
    return getattr(assessment, engine_link(assessment.engine))


def sent_fields(assessment: Assessment) -> list[tuple[str, str]]:
    """(label, text) of what the client sent, in the order of the request's fields, absent ones left out."""
    event = stored_event(assessment)
    given = [(field.name, getattr(event, field.name, None)) for field in request_fields(assessment.engine)]
    return [(_label(name), _text(value)) for name, value in given if value is not None and value != ""]


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return amount(value)
    return day_or_moment(value) if isinstance(value, datetime) else plain(value)


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
