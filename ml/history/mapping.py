"""What each column of a file means: the mapping, as JSON that every key may be left out of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from ml.history.errors import MappingRefused, meant

KEYS = (
    *("id", "time", "entity", "counterparty", "device", "amount", "location", "label", "weight"),
    *("numeric", "categorical", "ignore", "read"),
)
KINDS = ("absolute", "dayfirst", "seconds", "hours", "ordinal")
START = datetime(2026, 1, 1, tzinfo=UTC)  # of offsets that do not say from when they count
DELAY_DAYS = 7.0
LONGEST_DELAY = 3_650
DELIMITERS = (",", ";", "\t", "|", " ")

Column = str | int  # a name, or the 0-based place


@dataclass(frozen=True)
class TimeMapping:
    """Where the time stands: one column, or several that are read together (date and time; year, month)."""

    columns: tuple[Column, ...]
    kind: str = "absolute"
    start: datetime = START


@dataclass(frozen=True)
class LabelMapping:
    """Which values mean fraud. Values in neither list are unknown; a missing list means "all others"."""

    column: Column
    fraud: tuple[str, ...] | None = None
    legitimate: tuple[str, ...] | None = None
    unknown: tuple[str, ...] = ()
    delay_days: float | None = None
    time_column: Column | None = None


@dataclass(frozen=True)
class ReadMapping:
    """How the file is read; what is None is found out."""

    delimiter: str | None = None
    header: bool | None = None
    encoding: str | None = None
    quote: str | None = None
    decimal: str | None = None
    missing: tuple[str, ...] | None = None


@dataclass(frozen=True)
class HistoryMapping:
    """The roles of columns, and which others become features.

    numeric and categorical are None when not given: then columns without a role are judged by their values.

    >>> HistoryMapping.from_json({"amount": "amt", "label": {"column": "fraud"}}).amount
    'amt'
    """

    id: Column | None = None
    time: TimeMapping | None = None
    entity: tuple[Column, ...] = ()
    counterparty: tuple[Column, ...] = ()
    device: tuple[Column, ...] = ()
    amount: Column | None = None
    location: tuple[Column, Column] | None = None  # latitude, longitude
    label: LabelMapping | None = None
    weight: Column | None = None
    numeric: tuple[Column, ...] | None = None
    categorical: tuple[Column, ...] | None = None
    ignore: tuple[Column, ...] = ()
    read: ReadMapping = field(default_factory=ReadMapping)

    @classmethod
    def from_json(cls, told: Any) -> HistoryMapping:
        """Read a mapping; raises MappingRefused naming the key that is wrong, and what was meant."""
        from ml.history.mapping_reader import read_mapping

        return read_mapping(told)

    def as_json(self) -> dict[str, Any]:
        """The mapping as JSON, without what was not given; `from_json` reads it back unchanged."""
        told: dict[str, Any] = {
            "id": self.id,
            "time": self.time and _time_json(self.time),
            "entity": _one_or_list(self.entity),
            "counterparty": _one_or_list(self.counterparty),
            "device": _one_or_list(self.device),
            "amount": self.amount,
            "location": self.location and dict(zip(("latitude", "longitude"), self.location, strict=True)),
            "label": self.label and _given(vars(self.label)),
            "weight": self.weight,
            "numeric": self.numeric if self.numeric is None else list(self.numeric),
            "categorical": self.categorical if self.categorical is None else list(self.categorical),
            "ignore": list(self.ignore) or None,
            "read": _given(vars(self.read)) or None,
        }
        return {key: value for key, value in told.items() if value is not None}

    def named(self, place: Callable[[str, Column], int], names: Sequence[str]) -> HistoryMapping:
        """The same with names for places, and each column as its file spells it; raises MappingRefused."""

        def one(key: str, column: Column | None) -> Column | None:
            return None if column is None else names[place(key, column)]

        def many(key: str, columns: Sequence[Column]) -> tuple[Column, ...]:
            return tuple(names[place(key, column)] for column in columns)

        label, time = self.label, self.time
        changed: dict[str, Any] = {key: one(key, getattr(self, key)) for key in ("id", "amount", "weight")}
        for key in ("entity", "counterparty", "device", "numeric", "categorical", "ignore", "location"):
            columns = getattr(self, key)
            changed[key] = columns if columns is None else many(key, columns)
        if time:
            changed["time"] = replace(time, columns=many("time.column", time.columns))
        if label:
            known = one("label.time_column", label.time_column)
            column = one("label.column", label.column)
            changed["label"] = replace(label, column=column, time_column=known)
        return replace(self, **changed)

    @property
    def label_delay_days(self) -> float:
        """Days after which a label counts as known: 7 unless given; 0 for ordinal time, which has no days."""
        given = self.label.delay_days if self.label else None
        if given is not None:
            return given
        return 0.0 if self.time and self.time.kind == "ordinal" else DELAY_DAYS


def check_names(told: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    """Raise MappingRefused for the first key that is not known."""
    for key in told:
        if key not in known:
            place = f"{where}.{key}" if where else str(key)
            raise MappingRefused(place, f"is not a key of a mapping{meant(key, known)}")


def _time_json(time: TimeMapping) -> dict[str, Any]:
    told: dict[str, Any] = {"column": _one_or_list(time.columns), "kind": time.kind}
    if time.kind in ("seconds", "hours", "ordinal"):
        told["start"] = time.start.isoformat()
    return told


def _one_or_list(columns: tuple[Column, ...]) -> Column | list[Column] | None:
    if not columns:
        return None
    return columns[0] if len(columns) == 1 else list(columns)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, tuples as lists."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in values.items()
        if value is not None and value != ()
    }
