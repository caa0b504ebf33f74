"""Payments of a file decided together: read as columns, computed ahead, stored in short transactions."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import structlog
from django.db import OperationalError, connection

from fraud_detection.services.announcing import announce
from fraud_detection.services.bulk.computing import Features
from fraud_detection.services.bulk.customers import known_customers, settle
from fraud_detection.services.bulk.encoding import Encoded, encode
from fraud_detection.services.bulk.judging import Judge
from fraud_detection.services.bulk.labels import store_labels
from fraud_detection.services.bulk.memories import memory_for
from fraud_detection.services.bulk.memory import Memory
from fraud_detection.services.bulk.reading import Columns, NotPlain, read_columns
from fraud_detection.services.bulk.result import ChunkResult
from fraud_detection.services.bulk.storing import Part, Store
from fraud_detection.services.bulk.writing import Writer
from fraud_detection.services.rehearsal import rehearsing
from fraud_detection.services.serving import Serving
from fraud_detection.services.transaction_files import Row
from logs.metrics import DECISIONS
from ml.features.spec import NULL
from transactions.services import array_text
from users.models import ClientSystem

PART = 4_096  # rows judged together while those before them are being stored
STORED = """
    select transaction_id from transactions_transaction
    where client_id = %s and transaction_id = any(%s::text[]) and superseded_by_id is null
"""
log = structlog.get_logger(__name__)


def check_fit(state: Serving) -> None:
    """Raises NotPlain where decisions need more than rows together can give."""
    engine = state.engine
    if engine.fields or engine.feature_set.extras or engine.feature_set.measures or engine.judge is not None:
        raise NotPlain("the engine has fields or measures of its own")
    if state.broken_rules or state.predictor.fault is not None:
        raise NotPlain("every decision is degraded")


def decide_swiftly(rows: Sequence[Row], state: Serving, client: ClientSystem, into: ChunkResult) -> list[Row]:
    """Decide rows; returns those that must be decided the ordinary way after these. Raises NotPlain, and
    nothing was stored then."""
    check_fit(state)
    before = ChunkResult()
    columns = read_columns(rows, client, before)
    fresh, left = _fresh(columns, client)
    if fresh:
        left = _decide(columns.kept(fresh), state, client, before) + left
    into.add(before)
    return left


def _fresh(columns: Columns, client: ClientSystem) -> tuple[list[int], list[Row]]:
    """Places of rows whose id is new, and the other rows: what was stored before, and repeated ids."""
    names = columns.column("transaction_id")
    with connection.cursor() as cursor:
        cursor.execute(STORED, (client.pk, array_text(names)))
        seen = {row[0] for row in cursor.fetchall()}
    fresh, left = [], []
    for place, name in enumerate(names):
        if name in seen:
            left.append(columns.rows[place])
        else:
            seen.add(name)
            fresh.append(place)
    return fresh, left


def _decide(columns: Columns, state: Serving, client: ClientSystem, into: ChunkResult) -> list[Row]:
    """Decide rows of new ids; returns those that could not be stored so."""
    began = time.perf_counter()
    rows = encode(columns)
    customers = settle(rows, known_customers(set(columns.column("user_id"))))
    store: Store | None = None
    try:
        with memory_for(state.engine.feature_set) as memory:
            features = Features(state.engine.feature_set, memory, rows)
            store = Store(Judge(state, client, rows), customers, memory)
            with Writer(store) as writer:
                for part in _parts(features, store, began):
                    writer.put(part)
            _remember(memory, rows, store.ids)
    except (NotPlain, OperationalError):
        raise
    except Exception as error:  # one by one each row is decided, degraded if need be; none is lost
        log.exception("rows_fell_back", rows=len(rows), error=str(error))
    return columns.rows if store is None else _settled(state, store, into)


def _settled(state: Serving, store: Store, into: ChunkResult) -> list[Row]:
    """Enter what was stored; returns the rows that were not."""
    store_labels(store.rows, store.ids)
    if not rehearsing():
        _tell(state, store)
    into.add(store.found)
    return [store.rows.columns.rows[place] for place in np.flatnonzero(~store.done).tolist()]


def _parts(features: Features, store: Store, began: float) -> Iterator[Part]:
    """Judged rows in the order given, which is that of their ids; ends early when the model fails."""
    for at, numbers in _in_order(features):
        spent = round((time.perf_counter() - began) * 1e6 / len(features.rows))
        try:
            judged = store.judge.judged(at, numbers)
        except NotPlain as special:
            log.warning("rows_fell_back", reason=str(special))
            return
        stages = {"model": 0, "rules": 0, "store": 0, "features": spent, "total": spent}
        yield store.part(at, judged, features.late[at], json.dumps(stages))


def _in_order(features: Features) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Places and features part by part; rows that are not in the order of time are computed all before."""
    if (np.diff(features.rows.integers["occurred_at"]) >= 0).all():
        yield from features.parts(PART)
        return
    count = len(features.rows)
    computed = np.empty((count, len(features.feature_set.numbers)))
    for at, numbers in features.parts(PART):
        computed[at] = numbers
    for start in range(0, count, PART):
        at = np.arange(start, min(start + PART, count))
        yield at, computed[at]


def _remember(memory: Memory, rows: Encoded, ids: np.ndarray) -> None:
    """Keep the rows that were stored as history of the next ones."""
    stored = np.flatnonzero(ids != NULL)
    own = rows.integers | {"id": ids}
    memory.store({name: own[name][stored] for name in memory.names})


def _tell(state: Serving, store: Store) -> None:
    """Live pages hear of the newest, the counters of all."""
    engine = state.engine.name
    announce(engine, store.newest)
    told = Counter(decided.body["decision"] for decided in store.newest)
    for decision, count in (Counter(store.swift) - told).items():
        DECISIONS.labels(engine, decision).inc(count)
