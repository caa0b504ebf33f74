"""An imported history: events, their labels and their extra columns, column by column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

UNKNOWN = -1  # a label nobody knows; also a missing category

Categorical = tuple[np.ndarray, list[str]]  # codes int32 [n], -1 missing; the texts they stand for


@dataclass(frozen=True)
class History:
    """n labelled events in order of time, in order of the file where there is no time.

    ids          str [n]; the number of the row in its file where the mapping names no id
    times        int64 [n], microseconds since 1970, or None
    y            int8 [n]: 1 fraud, 0 legitimate, -1 unknown
    known_at     int64 [n], when the label became known; NULL where it is unknown or there is no time
    weight       float32 [n], at least 0, or None
    events       event columns (int64 [n], NULL for missing) of ml.features.columns that the roles give:
                 always id (1..n); occurred_at and local_hour with a time; sender_key with an entity;
                 receiver_key and merchant_key with a counterparty; device_key; amount_minor, amount_ln
                 and original_minor with an amount; latitude_e6 and longitude_e6 with a location; type
                 (all `payment`) with an entity or a counterparty. A column whose role was not given is absent
    numeric      extra columns, float32 [n], NaN for missing
    categorical  extra columns as (codes, vocabulary)
    roles        which of id, time, entity, counterparty, device, amount, location, label, weight were given
    label_delay  microseconds after which a label counts as known where the file does not say when
    report       what the import found
    """

    name: str
    ids: np.ndarray
    times: np.ndarray | None
    y: np.ndarray
    known_at: np.ndarray
    weight: np.ndarray | None
    events: Mapping[str, np.ndarray]
    numeric: Mapping[str, np.ndarray]
    categorical: Mapping[str, Categorical]
    roles: frozenset[str]
    label_delay: int
    mapping: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.y)

    @property
    def positives(self) -> int:
        return int((self.y == 1).sum())

    @property
    def unlabelled(self) -> int:
        return int((self.y == UNKNOWN).sum())
