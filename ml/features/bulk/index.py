"""The rows of a stream sorted by (entity, time), over all events."""

from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from ml.features.bulk.conditions import meets
from ml.features.bulk.ranges import RangeMax
from ml.features.bulk.table import Table
from ml.features.spec import NULL, Stream


@dataclass
class Index:
    """Sorted int64 `composite` = code * stride + place, so that one search finds entity and time.

    corrected  composites of superseded rows, which are left out of `composite`
    until      for each of them, the id from which it no longer counts (superseded_by_id)
    """

    table: Table
    stride: int
    composite: ndarray
    corrected: ndarray
    until: RangeMax

    @property
    def places(self) -> ndarray:
        return self.composite % self.stride


def build(stream: Stream, table: Table, stride: int) -> Index:
    codes = table.codes[stream.key]
    places = np.flatnonzero(codes >= 0)
    if stream.where:
        places = places[meets(table, stream.where, places)]
    composite = codes[places] * stride + places
    superseded_by = table.get("superseded_by_id", places)
    gone = superseded_by != NULL
    order = np.argsort(composite[gone])
    return Index(
        table=table,
        stride=stride,
        composite=np.sort(composite[~gone]),
        corrected=composite[gone][order],
        until=RangeMax(superseded_by[gone][order]),
    )
