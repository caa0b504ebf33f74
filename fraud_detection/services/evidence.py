"""What a hit rests on: the window it looked at and the events in it, fetched only once there is a hit."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import connection

from fraud_detection.services.responses import timestamp
from ml.features.columns import EVENT_TABLE
from ml.features.spec import FeatureSet, Primitive, Stream
from ml.features.sql import row_condition

MOST_EVENTS = 50


def involved(feature_set: FeatureSet, names: tuple[str, ...], event: Mapping[str, Any]) -> dict[str, Any]:
    """The window and the event ids behind a rule's first windowed evidence, as `window` and `events`.

    Empty when the rule looks at nothing but the event itself.
    """
    found = _windowed(feature_set, names)
    if found is None:
        return {}
    primitive, stream = found
    end = event["occurred_at"]
    start = end - timedelta(microseconds=primitive.window)
    return {
        "window": {"from": timestamp(start), "to": timestamp(end)},
        "events": _events(primitive, stream, event, start),
    }


def _windowed(feature_set: FeatureSet, names: tuple[str, ...]) -> tuple[Primitive, Stream] | None:
    for name in names:
        if name not in feature_set.names:
            continue
        for primitive in feature_set.primitives_of(name):
            stream = feature_set.stream_by_name[primitive.stream]
            if primitive.window and not primitive.is_probe and not primitive.until and _is_event(stream):
                return primitive, stream
    return None


def _events(primitive: Primitive, stream: Stream, event: Mapping[str, Any], start) -> list[str]:
    wanted = [row_condition(condition, "occurred_at") for condition in (*stream.where, *primitive.where)]
    query = f"""
        select transaction_id from {EVENT_TABLE}
        where {stream.key} = %s and occurred_at > %s and (occurred_at, id) <= (%s, %s)
          and {" and ".join(wanted) or "true"}
          and (superseded_by_id is null or superseded_by_id > %s)
        order by occurred_at desc, id desc limit {MOST_EVENTS}
    """
    arguments = (event[stream.by], start, event["occurred_at"], event["id"], event["id"])
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        return [row[0] for row in cursor.fetchall()]


def _is_event(stream: Stream) -> bool:
    return stream.table == EVENT_TABLE
