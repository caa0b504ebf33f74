"""The bounded history of a batch: for every entity it names, what its events may look back on."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ml.features.bulk import Facts
from ml.features.columns import CONTEXT_COLUMNS, EVENT_COLUMNS, EVENT_TABLE, TABLES
from ml.features.spec import BOUND, NULL, FeatureSet, Primitive, Stream
from ml.features.sql import row_condition
from transactions.services.copying import copy_out

Arrays = Mapping[str, np.ndarray]


def stored_events(feature_set: FeatureSet, batch: Arrays, *, before: int) -> dict[str, np.ndarray]:
    """Stored rows with smaller ids than `before` that any stream of the batch reads, each once.

    int64 per event and context column. Of a row only what its streams read is there, the rest is NULL:
    a stream that reads more of the same row has read it too.
    """
    alive = ("superseded_by_id is null", f"id < {before}")
    names = [*EVENT_COLUMNS, *feature_set.expressions]
    joined = _joined(_read(feature_set, batch, EVENT_TABLE, alive), names)
    return joined | dict.fromkeys(CONTEXT_COLUMNS, np.full(len(joined["id"]), NULL))


def rows_around(feature_set: FeatureSet, targets: Arrays) -> dict[str, np.ndarray]:
    """Stored events of `targets` with all they could look back on, each once: those that arrived later or
    were superseded since are there too, for the bulk executor to tell whom they concern.
    """
    table = feature_set.table
    corrected = "superseded_by_id" in TABLES[table]
    parts = _read(feature_set, targets, table, ("superseded_by_id is null",) if corrected else ())
    if corrected:
        gone = ("superseded_by_id is not null",)
        parts += _read(feature_set, targets, table, gone, also=("superseded_by_id",))
    names = [*TABLES[table], *feature_set.expressions]
    return _joined([dict(targets), *parts], names)


def stored_facts(feature_set: FeatureSet, batch: Arrays) -> Facts:
    """Stored labels and statuses that any stream of the batch reads, each once, by table."""
    tables = {stream.table for stream in feature_set.streams if stream.is_fact}
    return {
        table: _joined(_read(feature_set, batch, table, ()), list(TABLES[table])) for table in sorted(tables)
    }


def stored_probes(feature_set: FeatureSet, batch: Arrays, first_id: int) -> dict[str, np.ndarray]:
    """What all stored history answers to each probe, int64 [n] by probe name, NULL for nothing."""
    streams = feature_set.stream_by_name
    return {
        primitive.name: _probe(primitive, streams[primitive.stream], batch, first_id)
        for primitive in feature_set.primitives
        if primitive.is_probe and not streams[primitive.stream].is_fact
    }


def _read(
    feature_set: FeatureSet, batch: Arrays, table: str, alive: tuple[str, ...], also: tuple[str, ...] = ()
) -> list[dict[str, np.ndarray]]:
    """One part for every set of streams that read the same rows of a table."""
    spans: dict[Stream, list[np.ndarray]] = {}
    columns: dict[Stream, set[str]] = {}
    for stream in feature_set.streams:
        if stream.table == table:
            keys = batch[stream.by]
            known = keys != NULL
            same = replace(stream, name="", by=stream.key)
            spans.setdefault(same, []).append(np.stack([keys[known], batch["occurred_at"][known]]))
            columns.setdefault(same, set()).update(columns_read(feature_set, stream), also)
    return [
        _rows(feature_set, same, sorted(columns[same]), alive, _spans(np.concatenate(asked, axis=1)))
        for same, asked in spans.items()
    ]


def columns_read(feature_set: FeatureSet, stream: Stream) -> set[str]:
    """What a stream's primitives read of a stored row, beside what finds and orders it."""
    read = [p for p in feature_set.primitives if p.stream == stream.name and not p.is_probe]
    named = {p.column for p in read} | {column for p in read for column, _, _ in (*p.where, *stream.where)}
    stored = TABLES[stream.table].keys() | feature_set.expressions.keys()
    return (named & stored) | {stream.key, stream.time, *stream.order}


def _spans(asked: np.ndarray) -> np.ndarray:
    keys, groups = np.unique(asked[0], return_inverse=True)
    earliest = np.full(len(keys), np.iinfo(np.int64).max)
    latest = np.full(len(keys), NULL)
    np.minimum.at(earliest, groups, asked[1])
    np.maximum.at(latest, groups, asked[1])
    return np.stack([keys, earliest, latest])


def _rows(
    feature_set: FeatureSet, stream: Stream, names: list[str], alive: tuple[str, ...], wanted: np.ndarray
) -> dict[str, np.ndarray]:
    """The newest BOUND - 1 rows before each entity's earliest event, and all up to its latest."""
    time, table = stream.time, stream.table
    selected = ", ".join(name if name == time else selected_column(feature_set, name) for name in names)
    where = (f"{stream.key} = wanted.key", *alive, *(row_condition(c, time) for c in stream.where))
    rows = f"select {selected} from {table} where {' and '.join(where)}"
    newest_first = ", ".join(f"{column} desc" for column in stream.order)
    query = f"""
        select found.*
        from unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) as wanted(key, earliest, latest)
        cross join lateral (
            ({rows} and {time} <= wanted.earliest order by {newest_first} limit {BOUND - 1})
            union all
            ({rows} and {time} > wanted.earliest and {time} <= wanted.latest)
        ) found
    """
    keys, earliest, latest = wanted
    arguments = (keys.tolist(), _timestamps(earliest - stream.delay), _timestamps(latest - stream.delay))
    return copy_out(query, arguments, names, times=(time,))


def selected_column(feature_set: FeatureSet, name: str) -> str:
    """A column of a stored row as a bigint that is never NULL."""
    return f"coalesce(({feature_set.expressions.get(name, name)})::bigint, {NULL})"


def _timestamps(microseconds: np.ndarray) -> list[str]:
    return np.datetime_as_string(microseconds.astype("datetime64[us]"), timezone="UTC").tolist()


def _joined(parts: list[dict[str, np.ndarray]], names: list[str]) -> dict[str, np.ndarray]:
    """Every row once, with all that any part holds of it; what none holds is NULL, the smallest integer."""
    ids = np.concatenate([part["id"] for part in parts])
    order = np.argsort(ids, kind="stable")
    firsts = np.flatnonzero(np.diff(ids[order], prepend=NULL))
    joined = {}
    for name in names:
        column = np.concatenate([part.get(name, np.full(len(part["id"]), NULL)) for part in parts])
        joined[name] = np.maximum.reduceat(column[order], firsts) if len(firsts) else column
    return joined


def _probe(primitive: Primitive, stream: Stream, batch: Arrays, first_id: int) -> np.ndarray:
    known = batch[stream.by] != NULL
    column = primitive.column if primitive.aggregate == "seen" else stream.by
    known &= batch[column] != NULL
    values = np.full(len(known), NULL)
    if known.any():
        values[known] = _answers(primitive, stream, batch, known, first_id)
    return values


def _answers(
    primitive: Primitive, stream: Stream, batch: Arrays, known: np.ndarray, first_id: int
) -> np.ndarray:
    earlier = f"{stream.key} = wanted.key and occurred_at <= wanted.at and id < {int(first_id)}"
    rows = f"from {EVENT_TABLE} where {earlier} and superseded_by_id is null"
    if primitive.aggregate == "seen":
        answer = f"exists (select 1 {rows} and {primitive.column} = wanted.value)::int::bigint"
        column = primitive.column
    else:
        oldest = f"select occurred_at {rows} order by occurred_at, id limit 1"
        answer = f"coalesce((extract(epoch from ({oldest})) * 1000000)::bigint, {NULL})"
        column = stream.by
    query = f"""
        select wanted.place, {answer}
        from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[])
            as wanted(place, key, value, at)
    """
    places = np.arange(int(known.sum()))
    arguments = (
        places.tolist(),
        batch[stream.by][known].tolist(),
        batch[column][known].tolist(),
        _timestamps(batch["occurred_at"][known]),
    )
    found = copy_out(query, arguments, ("place", "answer"))
    answers = np.empty(len(places), np.int64)
    answers[found["place"]] = found["answer"]
    return answers
