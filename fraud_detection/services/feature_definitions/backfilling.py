"""What features would have been when stored events were decided: for backtests and training.

The history of an event is what it was then: what had arrived before it (smaller ids) and had not been
superseded. Events of one entity are computed together by the bulk executor, so its history is read once;
an event that others overtook is asked for alone, by the statement that serves. A defined feature reads no
labels, so nothing that became known later can enter.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from fraud_detection.engines.engine import Engine
from fraud_detection.models import Assessment
from fraud_detection.services.batch.history import rows_around, selected_column
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.features import computed
from ml.definitions import EventField
from ml.features import kernel
from ml.features.bulk import batches
from ml.features.columns import TABLES
from ml.features.spec import NULL, FeatureSet
from transactions.services.copying import copy_out

TARGETS_AT_ONCE = 5_000  # with up to 499 earlier events each: some hundred MB at the very worst
IDS_AT_ONCE = 50_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Columns = dict[str, np.ndarray]


def backfilled(
    engine: str | Engine, names: Sequence[str], assessment_ids: Sequence[int] | np.ndarray
) -> Columns:
    """The features `names` of stored decisions, in the order of their ids as given.

    float64 [n] by name, NaN for missing; object arrays of str or None for texts of declared fields. A
    decision without a stored event is missing throughout. KeyError for a name that nobody defined.
    """
    state = engine_in_use(engine) if isinstance(engine, str) else engine
    events = events_of(state, assessment_ids)
    texts = [name for name in names if name in state.context]
    numbers = values_of_events(state.feature_set, [n for n in names if n not in texts], events)
    return numbers | _texts(state, texts, events)


def events_of(engine: Engine, assessment_ids: Sequence[int] | np.ndarray) -> np.ndarray:
    """int64 [n]: the event of each decision, NULL for none."""
    wanted = np.asarray(assessment_ids, np.int64)
    found: dict[int, int] = {}
    for part in _parts(wanted, IDS_AT_ONCE):
        rows = Assessment.objects.filter(pk__in=part.tolist(), engine=engine.name)
        found |= dict(rows.exclude(**{engine.link: None}).values_list("pk", engine.link))
    return np.array([found.get(key, NULL) for key in wanted.tolist()], np.int64)


def values_of_events(feature_set: FeatureSet, names: Sequence[str], events: np.ndarray) -> Columns:
    """The added features `names` of stored events by their ids, float64 [n] by name."""
    if unknown := [name for name in names if name not in feature_set.added]:
        raise KeyError(f"{', '.join(unknown)}: not a feature that people defined")
    ids, places = np.unique(events, return_inverse=True)
    known = ids[ids != NULL]
    result: Columns = {}
    for group in _by_history(feature_set, names):
        part = feature_set.only(group)
        values = np.full((len(ids), len(part.numbers)), np.nan)
        values[len(ids) - len(known) :] = _computed(part, known)
        result |= {name: values[places, place] for place, name in enumerate(part.numbers)}
    return result


def _by_history(feature_set: FeatureSet, names: Sequence[str]) -> list[tuple[str, ...]]:
    """Names whose histories are read by the same entity, together."""
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        streams = feature_set.streams_of(name)
        by = feature_set.stream_by_name[streams[0]].by if streams else ""
        groups.setdefault(by, []).append(name)
    return [tuple(group) for group in groups.values()]


def _computed(part: FeatureSet, ids: np.ndarray) -> np.ndarray:
    """float64 [n, names] of events in ascending order of their ids."""
    result = np.full((len(ids), len(part.numbers)), np.nan)
    by = part.streams[0].by if part.streams else "id"
    targets = _event_rows(part, ids)
    order = np.lexsort((targets["id"], targets[by]))
    for chosen in _parts(order, TARGETS_AT_ONCE):
        some = {name: column[chosen] for name, column in targets.items()}
        at = np.searchsorted(ids, some["id"])
        result[at] = _chunk(part, some)
    return result


def _chunk(part: FeatureSet, targets: Columns) -> np.ndarray:
    if not part.primitives:
        return kernel.evaluate(part, np.empty((len(targets["id"]), 0), np.int64), targets)
    together = rows_around(part, targets)
    wanted = np.isin(together["id"], targets["id"])
    place_of = np.argsort(targets["id"])
    result = np.empty((len(targets["id"]), len(part.numbers)))
    for batch in batches(part, together, targets=wanted):
        columns = {name: column[batch.rows] for name, column in together.items()}
        at = place_of[np.searchsorted(targets["id"], columns["id"], sorter=place_of)]
        result[at] = kernel.evaluate(part, batch.primitives, columns)
        for place in at[batch.dirty].tolist():
            result[place] = _alone(part, {name: column[place] for name, column in targets.items()})
    return result


def _alone(part: FeatureSet, row: Mapping[str, np.int64]) -> np.ndarray:
    columns = {name: None if value == NULL else int(value) for name, value in row.items()}
    return computed(part, columns, EPOCH + timedelta(microseconds=columns["occurred_at"])).numbers


def _event_rows(part: FeatureSet, ids: np.ndarray) -> Columns:
    """Everything of these events that the features read, int64 [n] by column, in the order of ids."""
    table = part.table
    names = sorted(_columns_read(part))
    selected = ", ".join(
        f"e.{name}" if name == "occurred_at" else selected_column(part, name) for name in names
    )
    wanted = f"unnest(%s::bigint[]) wanted(key) join {table} e on e.id = wanted.key"
    query = f"select {selected} from {wanted} order by e.id"
    parts = [
        copy_out(query, (chunk.tolist(),), names, times=("occurred_at",))
        for chunk in _parts(ids, IDS_AT_ONCE)
    ]
    if not parts:
        return {name: np.empty(0, np.int64) for name in names}
    return {name: np.concatenate([one[name] for one in parts]) for name in names}


def _columns_read(part: FeatureSet) -> set[str]:
    """Stored columns of an event that its own features read, with what finds and orders its history."""
    known = TABLES[part.table].keys() | part.expressions.keys()
    read = {"id", "occurred_at", "superseded_by_id"}
    read |= {column for stream in part.streams for column in (stream.key, stream.by)}
    read |= {p.column for p in part.primitives} | {c for p in part.primitives for c, _, _ in p.where}
    read |= {operand.removeprefix("event.") for feature in part.features for operand in feature.operands}
    return read & known


def _texts(engine: Engine, names: Sequence[str], events: np.ndarray) -> Columns:
    """The texts of declared fields as the events hold them."""
    fields = {field.column: field for field in engine.fields if field.kind == "text"}
    result = {name: np.full(len(events), None, object) for name in names}
    if not names:
        return result
    held = dict(_metadata(engine, events))
    for name in names:
        field: EventField = fields[name]
        values = [field.value(held.get(event)) for event in events.tolist()]
        result[name] = np.array(values, dtype=object)
    return result


def _metadata(engine: Engine, events: np.ndarray) -> Iterator[tuple[int, dict]]:
    model = Assessment._meta.get_field(engine.link.removesuffix("_id")).related_model
    for part in _parts(np.unique(events[events != NULL]), IDS_AT_ONCE):
        yield from model.objects.filter(pk__in=part.tolist()).values_list("pk", "metadata")


def _parts(values: np.ndarray, size: int) -> Iterator[np.ndarray]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
