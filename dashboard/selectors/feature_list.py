"""The catalogue of features, and the versions of one."""

from typing import Any

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import FeatureDefinition, FeatureStage
from fraud_detection.models.governance import Engine
from fraud_detection.services.feature_definitions.listing import DEFINED, FIELD, SHIPPED, features_of

ORIGINS = ((SHIPPED, "Shipped"), (DEFINED, "Defined here"), (FIELD, "Declared fields"))
OPEN = (FeatureStage.DRAFT, FeatureStage.PENDING)
MOST_VERSIONS = 20


def engine_named(name: str) -> str:
    """A known engine, payments for any other name."""
    return name if name in ENGINES else "payments"


def catalogue(engine: str, search: str, origin: str) -> dict[str, Any]:
    """Context of the page: every feature of an engine that is like that, and what is still being written."""
    search = search.strip()[:100]
    found = features_of(engine, search)
    if origin in dict(ORIGINS):
        found = [one for one in found if one.origin == origin]
    open_ones = FeatureDefinition.objects.filter(engine=engine, stage__in=OPEN).order_by("stage", "name")
    return {
        "engine": engine,
        "engines": [(name, Engine(name).label) for name in ENGINES],
        "search": search,
        "origin": origin,
        "origins": ORIGINS,
        "rows": found,
        "open": list(open_ones),
    }


def history_of(row: FeatureDefinition | None) -> list[FeatureDefinition]:
    """The versions of a feature, newest first."""
    if row is None:
        return []
    known = FeatureDefinition.objects.filter(engine=row.engine, name=row.name)
    return list(known.order_by("-number")[:MOST_VERSIONS])
