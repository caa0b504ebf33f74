"""A mapping as one choice per column, the form in which people edit it, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ml.history.errors import MappingRefused
from ml.history.mapping import KEYS, HistoryMapping

CHOICES = {
    "numeric": "Number",
    "categorical": "Category",
    "ignore": "Left out",
    "label": "Label: fraud or not",
    "time": "Time of the event",
    "entity": "Who acts: account, card",
    "counterparty": "Merchant, payee",
    "device": "Device or address",
    "amount": "Amount",
    "id": "Id of the row",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "label_time": "When the label was known",
    "weight": "Weight of the row",
}
SEVERAL = ("time", "entity", "counterparty", "device", "numeric", "categorical", "ignore")
_LISTS = ("numeric", "categorical", "ignore")


def assigned(mapping: HistoryMapping, columns: Sequence[str]) -> dict[str, str]:
    """Column -> choice; a column that the mapping does not name is left out."""
    told, found = mapping.as_json(), dict.fromkeys(columns, "ignore")
    for kind in _LISTS:
        found.update(dict.fromkeys(told.get(kind, ()), kind))
    for role in ("id", "entity", "counterparty", "device", "amount", "weight"):
        found.update(dict.fromkeys(_many(told.get(role)), role))
    found.update(dict.fromkeys(_many(told.get("time", {}).get("column")), "time"))
    found.update({column: side for side, column in told.get("location", {}).items()})
    if label := told.get("label"):
        found[label["column"]] = "label"
        found.update(dict.fromkeys(_many(label.get("time_column")), "label_time"))
    return found


def mapped(
    choices: Mapping[str, str], *, time: Mapping[str, Any], label: Mapping[str, Any], read: Mapping[str, Any]
) -> dict[str, Any]:
    """The mapping's JSON of one choice per column, in order of the file.

    time holds kind and start, label holds fraud, legitimate and delay_days; what is empty is left out.
    Raises MappingRefused when two columns have a role that one can have.
    """
    by_role: dict[str, list[str]] = {}
    for column, choice in choices.items():
        if choice not in CHOICES:
            raise MappingRefused(column, f"'{choice}' is not a choice")
        by_role.setdefault(choice, []).append(column)
    for role, columns in by_role.items():
        if len(columns) > 1 and role not in SEVERAL:
            raise MappingRefused(role, f"'{columns[0]}' and '{columns[1]}' both are; only one column can be")
    told: dict[str, Any] = {kind: by_role.get(kind, []) for kind in _LISTS}
    for role in ("id", "entity", "counterparty", "device", "amount", "weight"):
        told[role] = _one_or_many(by_role.get(role, []))
    if "time" in by_role:
        told["time"] = {"column": _one_or_many(by_role["time"])} | _given(time)
    if "latitude" in by_role or "longitude" in by_role:
        sides = ("latitude", "longitude")
        told["location"] = {side: _one_or_many(by_role.get(side, [])) for side in sides}
    if "label" in by_role:
        known = {"time_column": _one_or_many(by_role.get("label_time", []))}
        told["label"] = {"column": by_role["label"][0]} | _given(dict(label) | known)
    elif "label_time" in by_role:
        raise MappingRefused("label", "no column is the label, but one says when it became known")
    told["read"] = _given(read)
    return {key: told[key] for key in KEYS if told.get(key) not in (None, {}, ())}


def _many(column: Any) -> list[str]:
    if column is None:
        return []
    return list(column) if isinstance(column, list) else [column]


def _one_or_many(columns: list[str]) -> str | list[str] | None:
    if not columns:
        return None
    return columns[0] if len(columns) == 1 else columns


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [], ())}
