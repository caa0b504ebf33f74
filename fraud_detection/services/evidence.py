"""What a hit rests on: the window it looked at and the events in it, fetched only once there is a hit."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from django.db import connection

from fraud_detection.engines.engine import Engine
from fraud_detection.services.measuring import FINDINGS
from fraud_detection.services.responses import timestamp
from fraud_detection.services.scoring import Hit
from ml.features.columns import TABLES
from ml.features.spec import FeatureSet, Primitive, Stream
from ml.features.sql import row_condition
from transactions.services import run_prepared

MOST_EVENTS = 50


def involved(engine: Engine, hit: Hit, event: Mapping[str, Any]) -> dict[str, Any]:
    """The window and the event ids behind a rule's first windowed evidence, as `window` and `events`.

    What only the domain can find (a path, linked claims) takes their place or stands beside them.
    Empty when the rule looks at nothing but the event itself.
    """
    find = FINDINGS.get((engine.name, hit.rule))
    own = find(event, hit.metadata) if find else {}
    return _window_and_events(engine, hit.evidence, event) | own


def _window_and_events(engine: Engine, names: tuple[str, ...], event: Mapping[str, Any]) -> dict[str, Any]:
    found = _windowed(engine.feature_set, names)
    if found is None:
        return {}
    primitive, stream = found
    end = event["occurred_at"]
    start = end - timedelta(microseconds=primitive.window)
    return {
        "window": {"from": timestamp(start), "to": timestamp(end)},
        "events": _events(engine, primitive, stream, event, start),
    }


def _windowed(feature_set: FeatureSet, names: tuple[str, ...]) -> tuple[Primitive, Stream] | None:
    for name in names:
        if name not in feature_set.names:
            continue
        for primitive in feature_set.primitives_of(name):
            stream = feature_set.stream_by_name[primitive.stream]
            if primitive.window and not (primitive.is_probe or primitive.until or stream.is_fact):
                return primitive, stream
    return None


def _events(
    engine: Engine, primitive: Primitive, stream: Stream, event: Mapping[str, Any], start: datetime
) -> list[str]:
    extras = engine.feature_set.expressions
    wanted = [
        row_condition(condition, "occurred_at", extras) for condition in (*stream.where, *primitive.where)
    ]
    if "superseded_by_id" in TABLES[stream.table]:
        wanted.append("(superseded_by_id is null or superseded_by_id > %s)")
    query = f"""
        select {engine.id_field} from {stream.table}
        where {stream.key} = %s and occurred_at > %s and (occurred_at, id) <= (%s, %s) and id <= %s
          and {" and ".join(wanted) or "true"}
        order by occurred_at desc, id desc limit {MOST_EVENTS}
    """
    # By id too: rows of a batch that happened earlier and arrive later are stored already.
    own = event["id"]
    arguments = (event[stream.by], start, event["occurred_at"], own, own, own)[: query.count("%s")]
    name = f"evidence_{blake2b(query.encode(), digest_size=8).hexdigest()}"
    with connection.cursor() as cursor:
        run_prepared(cursor, name, query, arguments)
        return [row[0] for row in cursor.fetchall()]
