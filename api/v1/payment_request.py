"""The documented request of the payments engine, generated from the fields that the engine itself reads."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers

from fraud_detection.selectors import payment_fields

EXAMPLE = {
    "transaction_id": "TXN-1001",
    "type": "transfer",
    "amount": "9100.00",
    "currency": "USD",
    "sender_id": "ACC-17",
    "receiver_id": "ACC-42",
    "sender_balance_before": "9100.00",
    "sender_balance_after": "0.00",
    "country": "US",
}
PAYSIM_EXAMPLE = {
    "transaction_id": "TXN-1002",
    "step": 1,
    "type": "PAYMENT",
    "amount": 1000.0,
    "nameOrig": "C123456789",
    "oldbalanceOrg": 5000.0,
    "newbalanceOrig": 4000.0,
    "nameDest": "M987654321",
    "oldbalanceDest": 0.0,
    "newbalanceDest": 0.0,
}
NUMERIC_TEXT = r"^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$"
ALTERNATIVES: dict[str, dict[str, Any]] = {
    "text": {"type": "string", "minLength": 1},
    "choice": {"type": "string"},
    "money": {"oneOf": [{"type": "number"}, {"type": "string", "pattern": NUMERIC_TEXT}]},
    "number": {"oneOf": [{"type": "number"}, {"type": "string", "pattern": NUMERIC_TEXT}]},
    "whole": {"oneOf": [{"type": "integer"}, {"type": "string", "pattern": NUMERIC_TEXT}]},
    "time": {"type": "string", "format": "date-time"},
    "country": {"type": "string", "pattern": "^[A-Za-z]{2}$"},
    "currency": {"type": "string", "pattern": "^[A-Za-z]{3}$"},
    "ip": {"type": "string"},
    "email": {"type": "string", "format": "email"},
    "object": {"type": "object", "additionalProperties": True},
}
PAYSIM_MONEY = ("oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest")


class PaymentRequest(serializers.Serializer):
    """One payment event in native names."""


class PaySimRequest(serializers.Serializer):
    """One payment event in the names of the PaySim data set; `step` is hours since its start."""


def native_schema() -> dict[str, Any]:
    """JSON schema of the native request; names that are not listed are refused."""
    fields = payment_fields()
    return {
        "type": "object",
        "description": PaymentRequest.__doc__,
        "properties": {field.name: _property(field) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
        "example": EXAMPLE,
    }


def _property(field: Any) -> dict[str, Any]:
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


def paysim_schema() -> dict[str, Any]:
    """JSON schema of the PaySim form; native names may stand beside it."""
    native = native_schema()["properties"]
    own = {
        "step": {"type": "integer", "minimum": 0, "description": "Hours since the start."},
        "type": native["type"],
        "amount": native["amount"],
        "nameOrig": native["sender_id"] | {"description": "Sender."},
        "nameDest": native["receiver_id"] | {"description": "Receiver; a merchant when it begins with M."},
    }
    own |= {name: native["sender_balance_before"] | {"description": "Balance."} for name in PAYSIM_MONEY}
    return {
        "type": "object",
        "description": PaySimRequest.__doc__,
        "properties": native | own,
        "required": ["transaction_id", "amount", "nameOrig", "nameDest"],
        "additionalProperties": False,
        "example": PAYSIM_EXAMPLE,
    }


class NativeSchema(OpenApiSerializerExtension):
    target_class = PaymentRequest

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return native_schema()

    def get_name(self, auto_schema: Any, direction: str) -> str:
        return "PaymentRequest"


class PaySimSchema(OpenApiSerializerExtension):
    target_class = PaySimRequest

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return paysim_schema()

    def get_name(self, auto_schema: Any, direction: str) -> str:
        return "PaySimRequest"
