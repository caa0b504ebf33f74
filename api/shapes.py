"""Field kinds shared by the documented requests and responses."""

from decimal import Decimal
from enum import IntEnum
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


class Text(serializers.CharField):
    """A JSON text; numbers are not turned into one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("must be text", code="wrong_type")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A JSON whole number; text and booleans are not turned into one."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            raise serializers.ValidationError("must be a whole number", code="wrong_type")
        return super().to_internal_value(data)


class Number(serializers.FloatField):
    """A JSON number; text and booleans are not turned into one."""

    def to_internal_value(self, data: Any) -> float:
        if not isinstance(data, int | float) or isinstance(data, bool):
            raise serializers.ValidationError("must be a number", code="wrong_type")
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$"})
class Clock(serializers.TimeField):
    """A time of day without a zone: 22:00 or 22:00:00."""


class Code(serializers.Field):
    """A number of the database shown as its name: 2 -> "transfer"."""

    def __init__(self, enum: type[IntEnum], **extra):
        self.names = {member.value: member.name.lower() for member in enum}
        super().__init__(read_only=True, **extra)

    def to_representation(self, value: int) -> str:
        return self.names[value]


class Amount(serializers.Field):
    """Money as decimal text, with at least two places: nothing is lost on the way."""

    def __init__(self, **extra):
        super().__init__(read_only=True, **extra)

    def to_representation(self, value: Decimal) -> str:
        return f"{value:.2f}" if value == round(value, 2) else f"{value.normalize():f}"


class Minor(serializers.Field):
    """Hundredths of the reporting currency as decimal text."""

    def __init__(self, **extra):
        super().__init__(read_only=True, **extra)

    def to_representation(self, value: int) -> str:
        return f"{Decimal(value) / 100:.2f}"


class CodeSchema(OpenApiSerializerFieldExtension):
    target_class = "api.shapes.Code"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        names = list(self.target.names.values())
        return {"type": "string", "enum": [*names, None] if self.target.allow_null else names}


class MoneySchema(OpenApiSerializerFieldExtension):
    target_class = "api.shapes.Amount"
    example = "129.90"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^-?\d+\.\d{2,4}$", "example": self.example}


class MinorSchema(MoneySchema):
    target_class = "api.shapes.Minor"
