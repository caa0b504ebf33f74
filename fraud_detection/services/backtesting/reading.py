"""A block of decisions read from the database, by binary COPY: as they were recorded, nothing computed."""

import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from fraud_detection.engines.engine import Engine
from fraud_detection.models import Assessment, FeatureSetVersion
from fraud_detection.rules.columns import Texts
from fraud_detection.services.backtesting.blocks import Block, block_of
from ml.features.spec import NULL
from transactions.services import copy_out
from transactions.services.copying import HEADER_BYTES, TRAILER_BYTES

DECISIONS = ("approve", "review", "decline")
# Subject kind -> key column of the event; "pair" is the sender, as in a decision.
KEYS: dict[str, dict[str, str]] = {
    "transaction_id": {
        **{kind: f"{kind}_key" for kind in ("sender", "receiver", "card", "device", "ip", "merchant")},
        "pair": "sender_key",
    },
    "application_id": {kind: f"{kind}_key" for kind in ("applicant", "phone", "device")},
    "claim_id": {kind: f"{kind}_key" for kind in ("claimant", "policy", "provider", "object")},
    "market_event_id": {kind: f"{kind}_key" for kind in ("symbol", "trader", "owner")},
}
_EVENTS = """
    select a.id, e.id, e.occurred_at, a.decided_at, a.amount_minor,
           (case a.decision when 'approve' then 0 when 'review' then 1 else 2 end)::bigint,
           coalesce(a.customer_id, 0)::bigint{keys}
    from fraud_detection_assessment a join {table} e on e.id = a.{link}
    where a.engine = %s and a.id >= %s and a.id < %s order by a.id
"""
_VECTORS = """
    select id, features from fraud_detection_assessment
    where engine = %s and id >= %s and id < %s and feature_set_version = %s and octet_length(features) = %s
"""

# A label of a version that was corrected since is about the event, so it counts for the newest version.
# One that was withdrawn says nothing.
_VERDICTS = """
    with recursive replaced(old, new) as (
        select id, superseded_by_id from transactions_transaction where superseded_by_id is not null
        union all
        select replaced.old, later.superseded_by_id
        from replaced join transactions_transaction later on later.id = replaced.new
        where later.superseded_by_id is not null
    ), newest as (select old, max(new) as new from replaced group by old)
    select event, (verdict = 'fraud')::int::bigint from (
        select distinct on (event) coalesce(newest.new, label.transaction_id) as event, label.verdict
        from transactions_label label left join newest on newest.old = label.transaction_id
        where label.known_at <= %s
        order by event, label.known_at desc, label.id desc
    ) said where verdict <> 'withdrawn' order by event
"""


def read(engine: Engine, low: int, high: int) -> Block:
    """The decisions of an engine with ids in [low, high)."""
    rows = _events(engine, low, high)
    ids = rows["id"]
    versions = _versions(engine, low, high)
    rows["version"] = np.full(len(ids), -1, np.int64)
    numbers: dict[str, np.ndarray] = {}
    defined: dict[str, tuple[list[str], dict[str, str]]] = {}
    for version in versions:
        named = FeatureSetVersion.objects.filter(pk=version).first()
        names = [name for name, *_ in named.numbers] if named else []
        texts = [name for name, *_ in named.texts] if named else []
        found, vectors = _vectors(engine, low, high, version, len(names))
        at = np.searchsorted(ids, found)
        rows["version"][at] = len(defined)
        defined[version] = ([*names, *texts], named.added if named else {})
        for place, name in enumerate(names):
            column = numbers.setdefault(name, np.full(len(ids), np.nan))
            column[at] = vectors[:, place]
    others, texts = _texts(engine, low, high, ids)
    facts = {"low": low, "high": high, "at": _span(rows["at"]), "anchors": _anchors(rows)}
    return block_of(rows, {**numbers, **others}, texts, defined, facts)


def ids_of(engine: Engine, low: int, high: int) -> np.ndarray:
    """Which decisions there are now: what a kept block is compared with."""
    query = f"""
        select id from fraud_detection_assessment
        where engine = %s and id >= %s and id < %s and {engine.link} is not null order by id
    """
    return copy_out(query, (engine.name, low, high), ("id",))["id"]


def superseded_events(engine: Engine) -> np.ndarray:
    """Events that a correction replaced, sorted: only the newest version of an event counts."""
    if engine.link != "transaction_id":
        return np.array([], np.int64)
    query = "select id from transactions_transaction where superseded_by_id is not null order by id"
    return copy_out(query, (), ("id",))["id"]


def verdicts(engine: Engine, known_by: datetime) -> tuple[np.ndarray, np.ndarray] | None:
    """(events, whether fraud 1 or 0) by the newest label known at that moment; None: there are no labels."""
    if engine.link != "transaction_id":
        return None
    found = copy_out(_VERDICTS, (known_by,), ("event", "fraud"))
    return found["event"], found["fraud"]


def _events(engine: Engine, low: int, high: int) -> dict[str, np.ndarray]:
    columns = sorted(set(KEYS[engine.link].values()))
    keys = "".join(f", coalesce(e.{column}, {NULL})::bigint" for column in columns)
    table = Assessment._meta.get_field(engine.link.removesuffix("_id")).related_model._meta.db_table
    query = _EVENTS.format(keys=keys, table=table, link=engine.link)
    named = ("id", "event", "at", "decided", "amount", "decision", "customer", *columns)
    return copy_out(query, (engine.name, low, high), named, times=("at", "decided"))


def _versions(engine: Engine, low: int, high: int) -> list[str]:
    found = Assessment.objects.filter(engine=engine.name, pk__gte=low, pk__lt=high)
    return sorted(found.order_by().values_list("feature_set_version", flat=True).distinct())


def _vectors(engine: Engine, low: int, high: int, version: str, width: int) -> tuple[np.ndarray, np.ndarray]:
    """(ids, float64 [n, width]) of the records whose vector is as long as its set says."""
    buffer = io.BytesIO()
    with connection.wrap_database_errors, connection.cursor() as cursor:
        query = cursor.cursor.mogrify(_VECTORS, (engine.name, low, high, version, 8 * width))
        cursor.cursor.copy_expert(f"copy ({query.decode()}) to stdout (format binary)", buffer)
    fields = [("fields", ">i2"), ("l1", ">i4"), ("id", ">i8"), ("l2", ">i4"), ("vector", "<f8", (width,))]
    found = np.frombuffer(buffer.getbuffer()[HEADER_BYTES:-TRAILER_BYTES], np.dtype(fields))
    return found["id"].astype(np.int64), found["vector"]


def _texts(
    engine: Engine, low: int, high: int, ids: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, Texts]]:
    """What is recorded beside the vector: texts, and yes/no or numbers of the context."""
    values: dict[str, list[Any]] = {}
    places = dict(zip(ids.tolist(), range(len(ids)), strict=True))
    for key, recorded in _recorded(engine, low, high):
        place = places.get(key)
        if place is None:
            continue
        for name, value in recorded.items():
            if value is not None:
                values.setdefault(name, [None] * len(ids))[place] = value
    texts = {name: Texts.encode(column) for name, column in values.items() if _is_text(column)}
    numbers = {name: _numbers(column) for name, column in values.items() if name not in texts}
    return numbers, texts


def _recorded(engine: Engine, low: int, high: int) -> Iterator[tuple[int, Mapping[str, Any]]]:
    query = """
        select id, texts::text from fraud_detection_assessment where engine = %s and id >= %s and id < %s
    """
    with connection.cursor() as cursor:
        cursor.execute(query, (engine.name, low, high))
        for key, text in cursor:
            yield key, json.loads(text)


def _is_text(column: list[Any]) -> bool:
    return any(isinstance(value, str) for value in column)


def _numbers(column: list[Any]) -> np.ndarray:
    return np.array([np.nan if value is None else float(value) for value in column], np.float64)


def _span(at: np.ndarray) -> list[int] | None:
    return [int(at.min()), int(at.max())] if len(at) else None


def _anchors(rows: Mapping[str, np.ndarray]) -> list[list[int]]:
    """(id, decided at) of the first and last decision: a kept block of another database is told by them."""
    ends = sorted({0, len(rows["id"]) - 1}) if len(rows["id"]) else []
    return [[int(rows["id"][end]), int(rows["decided"][end])] for end in ends]
