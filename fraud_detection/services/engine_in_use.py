"""An engine as it is used here: what was shipped, with the features and fields that people defined for it.

Definitions are read at each call and compiled once a process: `serving` calls only when something changed,
so a decision costs nothing more than the features themselves.
"""

import threading
from dataclasses import replace

import structlog

from fraud_detection.engines.registry import ENGINES, MODELLED, Engine
from fraud_detection.models import DeclaredField, FeatureDefinition, FeatureStage
from ml.definitions import Definition, DefinitionRefused, EventField, extended, read_definition

log = structlog.get_logger(__name__)
_lock = threading.Lock()
_built: dict[str, tuple[tuple, Engine]] = {}


def engine_in_use(name: str) -> Engine:
    """The engine with every feature that its rules may read now; KeyError for an unknown one."""
    shipped = ENGINES.get(name)
    if shipped is None:
        return MODELLED[name]
    rows = list(FeatureDefinition.objects.filter(engine=name, stage=FeatureStage.ACTIVE).order_by("name"))
    fields = event_fields(shipped)
    if not rows and not fields:
        return shipped
    mark = (shipped.feature_set.version, tuple((row.pk, row.revision) for row in rows), fields)
    with _lock:
        if name not in _built or _built[name][0] != mark:
            _built[name] = (mark, _with(shipped, rows, fields))
        return _built[name][1]


def engine_of_records(name: str) -> Engine:
    """The engine with the text of every field ever declared: what recorded decisions were judged by."""
    shipped = MODELLED[name]
    return replace(shipped, context={**shipped.context, **_words(event_fields(shipped, retired=True))})


def event_fields(engine: Engine, *, retired: bool = False) -> tuple[EventField, ...]:
    """The fields that clients may send with this engine's events; only transactions have any."""
    if engine.name not in ENGINES or engine.link != "transaction_id":
        return ()
    found = DeclaredField.objects.order_by("pk")
    if not retired:
        found = found.filter(active=True)
    return tuple(EventField(row.name, row.kind, row.unit, row.meaning) for row in found)


def defined(engine: Engine, row: FeatureDefinition, fields: tuple[EventField, ...]) -> Definition:
    """A stored definition, checked against what can be computed now; raises DefinitionRefused."""
    return read_definition(
        engine.feature_set.table, row.spec, name=row.name, meaning=row.meaning, fields=fields
    )


def _with(shipped: Engine, rows: list[FeatureDefinition], fields: tuple[EventField, ...]) -> Engine:
    definitions = []
    for row in rows:
        try:
            definitions.append(defined(shipped, row, fields))
        except DefinitionRefused as refused:  # an upgrade took what it reads: what reads it is told missing
            log.error("feature_broken", engine=shipped.name, feature=str(row), error=str(refused))
    return replace(
        shipped,
        feature_set=extended(shipped.feature_set, definitions, fields),
        context={**shipped.context, **_words(fields)},
        fields=fields,
    )


def _words(fields: tuple[EventField, ...]) -> dict[str, tuple[str, str]]:
    return {field.column: ("text", field.unit or "text") for field in fields if field.kind == "text"}
