"""The documented request of the payments engine, generated from the fields that the engine itself reads."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers

from api.v1.field_schema import properties
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
        "properties": properties(fields),
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
        "example": EXAMPLE,
    }


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
