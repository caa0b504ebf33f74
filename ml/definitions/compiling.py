"""Definitions and declared fields, added to the feature set of a domain."""

from collections.abc import Sequence
from dataclasses import replace

from ml.definitions.event_fields import EventField
from ml.definitions.reading import Definition
from ml.definitions.vocabulary import ENTITIES
from ml.features.durations import SECOND
from ml.features.spec import Feature, FeatureSet, Primitive, Stream


def extended(
    shipped: FeatureSet, definitions: Sequence[Definition] = (), fields: Sequence[EventField] = ()
) -> FeatureSet:
    """The shipped set with more at its end; itself when there is nothing to add. Raises ValueError."""
    if not definitions and not fields:
        return shipped
    streams = list(shipped.streams)
    primitives, features = list(shipped.primitives), list(shipped.features)
    features += [feature for field in fields if (feature := field.feature)]
    for definition in definitions:
        stream = _stream(streams, definition, shipped.table)
        made = _primitives(definition, stream)
        primitives += made
        features.append(_feature(definition, made))
    return replace(
        shipped,
        streams=tuple(streams),
        primitives=tuple(primitives),
        features=tuple(features),
        extras=tuple(field.extra for field in fields),
        base=shipped.version,
        added=tuple(feature.name for feature in features[len(shipped.features) :]),
    )


def unit_of(definition: Definition) -> str:
    """The unit of its values."""
    fixed = {"count": "count", "distinct": "count", "since_last": "seconds", "share": "share"}
    return fixed.get(definition.aggregate) or definition.column.unit


def _stream(streams: list[Stream], definition: Definition, table: str) -> str:
    """The stream of this history, one of those there where it is the same: then nothing more is read."""
    entity = ENTITIES[table][definition.entity]
    wanted = Stream("", entity.key, entity.by, table)
    for stream in streams:
        if replace(stream, name="") == wanted:
            return stream.name
    name = f"defined_{definition.entity}"
    streams.append(replace(wanted, name=name))
    return name


def _primitives(definition: Definition, stream: str) -> list[Primitive]:
    name, where = f"defined.{definition.name}", definition.where
    column = definition.column.column if definition.column else None
    asked = {
        "window": definition.window,
        "until": definition.until,
        "prior": not definition.include_current and not definition.until,
    }
    match definition.aggregate:
        case "since_last":
            return [Primitive(name, stream, "since", where=where, **{**asked, "prior": False})]
        case "share":
            return [
                Primitive(name, stream, "count", where=where, **asked),
                Primitive(f"{name}.all", stream, "count", **asked),
            ]
        case "mean":
            known = (*where, (column, "known", None))
            return [
                Primitive(name, stream, "sum", column, where=where, **asked),
                Primitive(f"{name}.all", stream, "count", where=known, **asked),
            ]
    return [Primitive(name, stream, definition.aggregate, column, where=where, **asked)]


def _feature(definition: Definition, made: list[Primitive]) -> Feature:
    operands = tuple(primitive.name for primitive in made)
    op = "ratio" if len(made) == 2 else "scaled"
    return Feature(
        definition.name,
        "number",
        unit_of(definition),
        definition.meaning,
        op,
        operands,
        (_scale(definition),),
    )


def _scale(definition: Definition) -> float:
    if definition.aggregate == "since_last":
        return float(SECOND)
    summed = definition.aggregate in ("sum", "mean", "max", "min")
    return definition.column.scale if summed else 1.0
