"""Every feature of an engine as people look for it: what it means, where it is from, who reads it."""

from dataclasses import dataclass

from fraud_detection.models import FeatureDefinition, FeatureStage
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.feature_definitions.readers import readers_by_name
from ml.features.spec import FeatureSet

SHIPPED, DEFINED, FIELD = "shipped", "defined", "field"


@dataclass(frozen=True)
class Listed:
    """One feature; `definition` is the row that people defined it in."""

    name: str
    kind: str
    unit: str
    meaning: str
    window: str
    origin: str
    readers: tuple[str, ...]
    definition: FeatureDefinition | None = None


def features_of(engine: str, search: str = "") -> list[Listed]:
    """What rules and models of an engine may read now, what people defined first; KeyError if unknown.

    `search` narrows to those with it in their name or meaning.
    """
    state = engine_in_use(engine)
    rows = FeatureDefinition.objects.filter(engine=engine, stage=FeatureStage.ACTIVE)
    definitions = {row.name: row for row in rows}
    names = [*state.feature_set.names, *(f.column for f in state.fields if f.kind == "text")]
    readers = readers_by_name(engine, names)
    meanings = {field.column: field.meaning for field in state.fields}
    listed = [_listed(state.feature_set, name, meanings, definitions, readers[name]) for name in names]
    wanted = search.strip().lower()[:100]
    found = [one for one in listed if wanted in one.name.lower() or wanted in one.meaning.lower()]
    return sorted(found, key=lambda one: one.origin == SHIPPED)


def _listed(
    feature_set: FeatureSet,
    name: str,
    fields: dict[str, str],
    definitions: dict[str, FeatureDefinition],
    readers: list[str],
) -> Listed:
    origin = DEFINED if name in definitions else FIELD if name in fields else SHIPPED
    if name not in feature_set.names:  # the text of a declared field
        return Listed(name, "text", "text", fields[name], "event", FIELD, tuple(readers))
    feature = feature_set.feature(name)
    return Listed(
        name,
        feature.kind,
        feature.unit,
        feature.meaning,
        feature_set.window_of(name),
        origin,
        tuple(readers),
        definitions.get(name),
    )
