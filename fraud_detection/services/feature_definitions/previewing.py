"""A definition tried on the newest stored events, before anybody else sees it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from fraud_detection.models import Assessment
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.feature_definitions.backfilling import values_of_events
from fraud_detection.services.feature_definitions.writing import checked_engine, checked_spec
from ml.definitions import DefinitionRefused, extended, worded
from ml.definitions.compiling import unit_of

NEWEST = 200
PREVIEWED = "preview"


@dataclass(frozen=True)
class Tried:
    """One event's value; None is missing."""

    assessment_id: int
    external_id: str
    decided_at: datetime
    value: float | None


@dataclass(frozen=True)
class Preview:
    """What a definition says, and its values over `events` of the newest decisions, newest first."""

    english: str
    unit: str
    events: int
    missing: int
    median: float | None
    smallest: float | None
    largest: float | None
    values: list[Tried]


def preview(engine: str, spec: Any, *, assessment_id: int | None = None) -> Preview:
    """Values of a spec that need not be stored; over one decision when it is named.

    Raises DefinitionRefused for a spec that does not hold, or a decision of another engine.
    """
    shipped = checked_engine(engine)
    definition = checked_spec(shipped, spec, PREVIEWED)
    rows = _decisions(engine, shipped.link, assessment_id)
    feature_set = extended(shipped.feature_set, [definition], engine_in_use(engine).fields)
    events = np.array([row[3] for row in rows], np.int64).reshape(len(rows))
    found = values_of_events(feature_set, [PREVIEWED], events)[PREVIEWED]
    known = found[~np.isnan(found)]
    return Preview(
        english=worded(definition, shipped.feature_set.table),
        unit=unit_of(definition),
        events=len(rows),
        missing=len(rows) - len(known),
        median=float(np.median(known)) if len(known) else None,
        smallest=float(known.min()) if len(known) else None,
        largest=float(known.max()) if len(known) else None,
        values=[
            Tried(pk, external, at, None if value != value else value)
            for (pk, external, at, _), value in zip(rows, found.tolist(), strict=True)
        ],
    )


def _decisions(engine: str, link: str, assessment_id: int | None) -> list[tuple]:
    """(id, external id, decided at, event) of the newest decisions, or of the one named."""
    found = Assessment.objects.filter(engine=engine).exclude(**{link: None}).order_by("-id")
    if assessment_id is not None:
        found = found.filter(pk=assessment_id)
    rows = list(found.values_list("pk", "external_id", "decided_at", link)[:NEWEST])
    if assessment_id is not None and not rows:
        detail = f"there is no decision {assessment_id} of {engine}"
        raise DefinitionRefused.of("assessment_id", "unknown_value", detail)
    return rows
