"""Labels and statuses, read whole while there are few: cheaper than asking about each entity."""

import numpy as np
from django.db import connection

from fraud_detection.services.batch.history import selected_column
from ml.features.columns import TABLES
from ml.features.spec import FeatureSet, Stream
from ml.features.sql import row_condition
from transactions.services import copy_out

MOST = 50_000  # rows of a table that count for features


def all_facts(feature_set: FeatureSet) -> dict[str, dict[str, np.ndarray]] | None:
    """Every row that a stream reads, by table; None when there are too many."""
    streams = [stream for stream in feature_set.streams if stream.is_fact]
    found = {}
    for table in sorted({stream.table for stream in streams}):
        rows = _rows(feature_set, table, [stream for stream in streams if stream.table == table])
        if rows is None:
            return None
        found[table] = rows
    return found


def _rows(feature_set: FeatureSet, table: str, streams: list[Stream]) -> dict[str, np.ndarray] | None:
    names, time = list(TABLES[table]), streams[0].time
    read = {" and ".join(row_condition(c, time) for c in stream.where) or "true" for stream in streams}
    where = " or ".join(f"({condition})" for condition in sorted(read))
    with connection.cursor() as cursor:
        query = f"select count(*) from (select 1 from {table} where {where} limit {MOST + 1}) t"  # nosec B608
        cursor.execute(query)
        if cursor.fetchone()[0] > MOST:
            return None
    selected = ", ".join(name if name == time else selected_column(feature_set, name) for name in names)
    return copy_out(f"select {selected} from {table} where {where}", (), names, times=(time,))
