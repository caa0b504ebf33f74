"""JSON schema of request fields, from the declarations that the engines read by."""

from collections.abc import Iterable
from typing import Any

NUMERIC_TEXT = r"^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$"
ALTERNATIVES: dict[str, dict[str, Any]] = {
    "text": {"type": "string", "minLength": 1},
    "choice": {"type": "string"},
    "money": {"oneOf": [{"type": "number"}, {"type": "string", "pattern": NUMERIC_TEXT}]},
    "number": {"oneOf": [{"type": "number"}, {"type": "string", "pattern": NUMERIC_TEXT}]},
    "whole": {"oneOf": [{"type": "integer"}, {"type": "string", "pattern": NUMERIC_TEXT}]},
    "time": {"type": "string", "format": "date-time"},
    "day": {"type": "string", "description": "A day or a moment, ISO 8601."},
    "past_day": {"type": "string", "description": "A day or a moment, ISO 8601."},
    "flag": {"type": "boolean"},
    "country": {"type": "string", "pattern": "^[A-Za-z]{2}$"},
    "currency": {"type": "string", "pattern": "^[A-Za-z]{3}$"},
    "ip": {"type": "string"},
    "email": {"type": "string", "format": "email"},
    "object": {"type": "object", "additionalProperties": True},
}


def properties(fields: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """The schema of each field by its name."""
    return {field.name: field_schema(field) for field in fields}


def field_schema(field: Any) -> dict[str, Any]:
    """JSON schema of one field as its reader accepts it."""
    shape = dict(ALTERNATIVES[field.kind])
    if field.kind == "text":
        shape["maxLength"] = field.limit
    if field.choices:
        shape["description"] = f"{field.help} One of {', '.join(field.choices)}, in any case."
    else:
        shape["description"] = field.help
    if field.minimum is not None or field.maximum is not None:
        limits = {"minimum": field.minimum, "maximum": field.maximum}
        number = {"type": "number"} | {name: value for name, value in limits.items() if value is not None}
        shape["oneOf"] = [number, shape["oneOf"][1]]
    if field.example is not None:
        shape["example"] = field.example
    return shape if field.required else _nullable(shape)


def _nullable(shape: dict[str, Any]) -> dict[str, Any]:
    """An absent value may be sent as null."""
    if "oneOf" in shape:
        return shape | {"oneOf": [*shape["oneOf"], {"type": "null"}]}
    return shape | {"type": [shape["type"], "null"]}
