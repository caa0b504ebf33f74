"""What makes a feature set well formed."""

from collections.abc import Collection

from ml.features.columns import DAY_COLUMN, EVENT_TABLES, TABLES
from ml.features.operations import OPERATIONS, TEXT_OPERATIONS
from ml.features.spec import (
    AGGREGATES,
    COMPARISONS,
    KINDS,
    OF_THE_EVENT,
    Feature,
    FeatureSet,
    Primitive,
    Stream,
)

_WITHOUT_COLUMN = ("count", "since", "horizon", "oldest")
_TIMES = ("occurred_at", "known_at")


def check(feature_set: FeatureSet) -> None:
    """Raise ValueError naming the first definition that is wrong."""
    _check_unique("stream", [s.name for s in feature_set.streams])
    _check_unique(
        "primitive or feature",
        [each.name for each in (*feature_set.primitives, *feature_set.measures, *feature_set.features)],
    )
    if feature_set.table not in EVENT_TABLES:
        raise ValueError(f"{feature_set.name}: unknown table of events {feature_set.table!r}")
    for stream in feature_set.streams:
        _check_stream(stream, feature_set.table)
    _check_unique("column", [*TABLES[feature_set.table], *(e.name for e in feature_set.extras)])
    streams = {s.name: s for s in feature_set.streams}
    for primitive in feature_set.primitives:
        if primitive.stream not in streams:
            raise ValueError(f"{primitive.name}: unknown stream {primitive.stream!r}")
        _check_primitive(primitive, streams[primitive.stream], feature_set.expressions)
    _check_features(feature_set)


def _check_unique(what: str, names: list[str]) -> None:
    repeated = sorted({n for n in names if names.count(n) > 1})
    if repeated:
        raise ValueError(f"{what} defined twice: {', '.join(repeated)}")


def _columns(stream: Stream) -> dict[str, str]:
    return TABLES[stream.table]


def _check_stream(stream: Stream, events: str) -> None:
    if stream.table not in TABLES:
        raise ValueError(f"stream {stream.name}: unknown table {stream.table!r}")
    if not stream.is_fact and stream.table != events:
        raise ValueError(f"stream {stream.name}: events are read from {events}, not from {stream.table}")
    if stream.by not in TABLES[events]:
        raise ValueError(f"stream {stream.name}: unknown event column {stream.by!r}")
    if stream.key not in _columns(stream):
        raise ValueError(f"stream {stream.name}: unknown column {stream.key!r}")
    if stream.delay < 0:
        raise ValueError(f"stream {stream.name}: delay is negative")
    _check_conditions(f"stream {stream.name}", stream.where, stream)


def _check_primitive(primitive: Primitive, stream: Stream, extras: Collection[str] = ()) -> None:
    name, aggregate = primitive.name, primitive.aggregate
    extras = () if stream.is_fact or aggregate == "seen" else extras
    if aggregate not in AGGREGATES:
        raise ValueError(f"{name}: unknown aggregate {aggregate!r}")
    if (primitive.column is None) != (aggregate in _WITHOUT_COLUMN):
        raise ValueError(f"{name}: {aggregate} {'takes no' if primitive.column else 'needs a'} column")
    if primitive.column is not None and primitive.column not in {*_columns(stream), *extras, DAY_COLUMN}:
        raise ValueError(f"{name}: unknown column {primitive.column!r}")
    if primitive.column in _TIMES and aggregate not in ("max", "min", "last"):
        raise ValueError(f"{name}: {aggregate} of a time is not defined")
    if aggregate in OF_THE_EVENT and (stream.is_fact or primitive.column == DAY_COLUMN):
        raise ValueError(f"{name}: {aggregate} compares stored columns of events")
    if (aggregate == "quantile") != (primitive.quantile is not None):
        raise ValueError(f"{name}: quantile is for the aggregate quantile, which needs it")
    if primitive.quantile is not None and not 0 < primitive.quantile <= 100:
        raise ValueError(f"{name}: quantile is a per cent, 1 to 100")
    if aggregate == "quantile" and primitive.counts_current:
        raise ValueError(f"{name}: quantile is a baseline, so it must be prior or have until")
    if primitive.window is not None and not 0 <= primitive.until < primitive.window:
        raise ValueError(f"{name}: until must lie inside the window")
    narrowed = primitive.where or primitive.until or primitive.window is not None
    if narrowed and (primitive.is_probe or aggregate == "horizon"):
        raise ValueError(f"{name}: {aggregate} takes no window and no filter")
    _check_conditions(name, primitive.where, stream, extras)


def _check_conditions(name: str, conditions: tuple, stream: Stream, extras: Collection[str] = ()) -> None:
    for column, comparison, value in conditions:
        if column not in {*_columns(stream), *extras, DAY_COLUMN} or column in _TIMES:
            raise ValueError(f"{name}: cannot filter by {column!r}")
        if comparison not in COMPARISONS:
            raise ValueError(f"{name}: unknown comparison {comparison!r}")
        wanted = {"in": tuple, "known": type(None)}.get(comparison, int)
        if not isinstance(value, wanted) or value == ():
            raise ValueError(f"{name}: {comparison} cannot take {value!r}")


def _check_features(feature_set: FeatureSet) -> None:
    known = {each.name for each in (*feature_set.primitives, *feature_set.measures)}
    known |= {
        f"event.{c}" for c in (*TABLES[feature_set.table], *feature_set.context, *feature_set.expressions)
    }
    for feature in feature_set.features:
        if feature.kind not in KINDS:
            raise ValueError(f"{feature.name}: unknown kind {feature.kind!r}")
        for operand in feature.operands:
            if operand not in known:
                raise ValueError(f"{feature.name}: operand {operand!r} is not defined before it")
        if (feature.op in TEXT_OPERATIONS) != (feature.kind == "text"):
            raise ValueError(f"{feature.name}: {feature.op!r} does not make a {feature.kind} feature")
        if feature.kind == "text":
            _check_text(feature)
        else:
            _check_operation(feature)
            known.add(feature.name)


def _check_text(feature: Feature) -> None:
    if len(feature.operands) != 1 or not feature.operands[0].startswith("event."):
        raise ValueError(f"{feature.name}: a text is read from one event column")


def _check_operation(feature: Feature) -> None:
    operation = OPERATIONS.get(feature.op)
    if operation is None:
        raise ValueError(f"{feature.name}: unknown op {feature.op!r}")
    if len(feature.operands) != operation.operands:
        raise ValueError(f"{feature.name}: {feature.op} takes {operation.operands} operands")
    if operation.parameters is not None and len(feature.parameters) != operation.parameters:
        raise ValueError(f"{feature.name}: {feature.op} takes {operation.parameters} parameters")
