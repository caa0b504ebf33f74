"""The documented request of an engine, generated from the fields that the engine itself reads."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from api.v1.field_schema import properties
from fraud_detection.selectors import request_fields

REPLAYED = OpenApiParameter(
    "Idempotent-Replayed", str, OpenApiParameter.HEADER, response=[200], description="`true`: decided before."
)


class EngineRequest(serializers.Serializer):
    """Base of every engine's request; names that are not listed are refused."""

    engine = ""
    example: dict[str, Any] = {}


class EngineSchema(OpenApiSerializerExtension):
    target_class = EngineRequest
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        fields = request_fields(self.target.engine)
        return {
            "type": "object",
            "description": self._kind.__doc__,
            "properties": properties(fields),
            "required": [field.name for field in fields if field.required],
            "additionalProperties": False,
            "example": self.target.example,
        }

    def get_name(self, auto_schema: Any, direction: str) -> str:
        return self._kind.__name__

    @property
    def _kind(self) -> type[EngineRequest]:
        return self.target if isinstance(self.target, type) else type(self.target)
