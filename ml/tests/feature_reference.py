"""The meaning of primitives, written to be read: plain Python over lists of dicts, None for missing.

Rows are dicts of the columns, in lists by table; times are microseconds. Quadratic, for tests only.
"""

from ml.features.columns import ARRIVALS, DAY_COLUMN
from ml.features.durations import DAY
from ml.features.spec import FeatureSet, Primitive, Stream


def reference(feature_set: FeatureSet, tables: dict[str, list], event: dict, bound: int) -> dict:
    """Return every primitive of one event: name -> int or None."""
    found = {}
    for primitive in feature_set.primitives:
        stream = feature_set.stream_by_name[primitive.stream]
        found[primitive.name] = _value(primitive, stream, tables, event, bound)
    return found


def history(stream: Stream, tables: dict[str, list], event: dict) -> list:
    """Rows of the stream that had happened and arrived before the event, oldest first."""
    now = event["occurred_at"]
    rows = [x for x in tables[stream.table] if x[stream.key] == event[stream.by]]
    rows = [x for x in rows if x[stream.time] <= now - stream.delay and _meets(x, stream.where, stream)]
    arrival = ARRIVALS.get(stream.table, "id")
    if stream.table in ARRIVALS:
        rows = [x for x in rows if x[arrival] < event["id"]]
    if not stream.is_fact:
        gone = [x for x in rows if x["superseded_by_id"] is not None and x["superseded_by_id"] <= event["id"]]
        rows = [x for x in rows if x not in gone]
    return sorted(rows, key=lambda x: (x[stream.time], x[arrival], x["id"]))


def _value(primitive: Primitive, stream: Stream, tables: dict, event: dict, bound: int):
    if event[stream.by] is None:
        return None
    everything = history(stream, tables, event)
    own_row = [event] if stream.holds_current and event[stream.key] == event[stream.by] else []
    if primitive.aggregate == "seen":
        own = event[primitive.column]
        return None if own is None else int(any(x[primitive.column] == own for x in everything))
    if primitive.aggregate == "oldest":
        times = [x[stream.time] for x in everything + ([] if primitive.prior else own_row)]
        return min(times, default=None)
    earlier = everything[-(bound - 1) :]
    if primitive.aggregate == "horizon":
        return earlier[0][stream.time] if len(earlier) == bound - 1 else None
    rows = earlier + (own_row if primitive.counts_current else [])
    return _aggregate(primitive, stream, _windowed(primitive, stream, rows, event), event)


def _windowed(primitive: Primitive, stream: Stream, rows: list, event: dict) -> list:
    now = event["occurred_at"]
    if primitive.window is not None:
        rows = [x for x in rows if now - primitive.window < x[stream.time]]
    if primitive.until:
        rows = [x for x in rows if x[stream.time] <= now - primitive.until]
    return [x for x in rows if _meets(x, primitive.where, stream)]


def _aggregate(primitive: Primitive, stream: Stream, rows: list, event: dict):
    values = [_get(x, primitive.column, stream) for x in rows] if primitive.column else []
    known = [v for v in values if v is not None]
    match primitive.aggregate:
        case "count":
            return len(rows)
        case "sum":
            return sum(known)
        case "sumsq":
            return sum(v * v for v in known)
        case "max":
            return max(known, default=None)
        case "min":
            return min(known, default=None)
        case "distinct":
            return len(set(known))
        case "same":
            own = event[primitive.column]
            return None if own is None else sum(v == own for v in known)
        case "same_amount":
            own = event[primitive.column]
            if own is None:
                return None
            return sum(x["amount_minor"] for x in rows if _get(x, primitive.column, stream) == own)
        case "since":
            return event["occurred_at"] - rows[-1][stream.time] if rows else None
        case "last":
            return values[-1] if values else None
        case "quantile":
            rank = -(-primitive.quantile * len(known) // 100)
            return sorted(known)[rank - 1] if known else None
    raise ValueError(primitive.aggregate)


def _get(row: dict, column: str, stream: Stream):
    return row[stream.time] // DAY if column == DAY_COLUMN else row[column]


def _meets(row: dict, conditions: tuple, stream: Stream) -> bool:
    return all(_compare(_get(row, column, stream), how, value) for column, how, value in conditions)


def _compare(found, how: str, value) -> bool:
    if found is None:
        return False
    match how:
        case "==":
            return found == value
        case "!=":
            return found != value
        case "<":
            return found < value
        case "<=":
            return found <= value
        case ">":
            return found > value
        case ">=":
            return found >= value
        case "in":
            return found in value
        case "multiple":
            return found % value == 0
        case "known":
            return True
    raise ValueError(how)
