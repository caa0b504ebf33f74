"""Who is likely to leave debts unpaid: a word on a customer that is posted, and all stored ones as CSV."""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import Fault, Refused
from api.v1.decisions import Reason
from api.v1.field_schema import properties
from api.views import ApiView, body_of
from fraud_detection.selectors import customer_fields
from fraud_detection.services.customers.champion import NoCustomerModel
from fraud_detection.services.customers.predicting import PAID, UNPAID, class_name, predict_posted
from fraud_detection.services.customers.reading import exported
from users.roles import Ability

CLASSES = {UNPAID: True, PAID: False}
EXAMPLE = {
    "customer_id": "U000017",
    "employment": "part_time",
    "employment_months": 7,
    "housing": "tenant",
    "monthly_income": "1240.00",
    "tenure_months": 14,
    "credit_limit": "1500.00",
    "card_balance": "1480.00",
    "open_loans": 2,
    "total_debt": "7300.00",
    "monthly_debt_payment": "410.00",
    "late_payments_24m": 6,
    "worst_delay_days": 48,
    "previous_defaults": 1,
    "inquiries_6m": 3,
    "savings": "40.00",
    "overdraft_days_90d": 21,
}


class CustomerPredictionBody(serializers.Serializer):
    """What a model says of a customer: `unpaid` is likely to leave debts unpaid."""

    probability = serializers.FloatField(min_value=0, max_value=1, help_text="Calibrated.")
    threshold = serializers.FloatField(help_text="The probability from which the class is unpaid.")
    reasons = Reason(many=True, help_text="What raised it most, most important first.")
    model_version = serializers.CharField(source="model")

    def get_fields(self) -> dict[str, serializers.Field]:
        # the word is reserved in Python, so it cannot stand above
        return super().get_fields() | {"class": serializers.ChoiceField(list(CLASSES))}


class StoredPrediction(CustomerPredictionBody):
    predicted_at = serializers.DateTimeField()

    def to_representation(self, prediction: Any) -> dict[str, Any]:
        fields = ("probability", "threshold", "reasons", "predicted_at")
        return {
            **{name: getattr(prediction, name) for name in fields},
            "model_version": str(prediction.model),
            "class": class_name(prediction.unpaid),
        }


class PostedPrediction(CustomerPredictionBody):
    customer_id = serializers.CharField(allow_null=True, help_text="As it was sent.")
    generated_data_only = serializers.BooleanField(help_text="The model has seen no real customer.")


class CustomerRequest(serializers.Serializer):
    """One customer. Prohibited bases, and demographics that policy does not allow, are refused by name."""


class CustomerRequestSchema(OpenApiSerializerExtension):
    target_class = CustomerRequest

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {
            "type": "object",
            "description": CustomerRequest.__doc__,
            "properties": properties(customer_fields()),
            "additionalProperties": False,
            "example": EXAMPLE,
        }

    def get_name(self, auto_schema: Any, direction: str) -> str:
        return "CustomerRequest"


class PredictCustomer(ApiView):
    abilities = {"POST": Ability.DECIDE}

    @extend_schema(
        operation_id="predict_customer",
        summary="Whether a posted customer will likely leave debts unpaid; nothing is stored",
        request=CustomerRequest,
        responses={200: PostedPrediction},
    )
    def post(self, request: Request) -> Response:
        return Response(predict_posted(body_of(request)))


class ExportPredictions(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="export_customer_predictions",
        summary="Stored predictions of customers as CSV, the riskiest first",
        parameters=[
            OpenApiParameter("model_version", str, description="Default: the champion's."),
            OpenApiParameter(
                "class", {"type": "string", "enum": list(CLASSES)}, description="Default: both."
            ),
        ],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponse:
        wanted = request.query_params
        unknown = [name for name in wanted if name not in ("model_version", "class")]
        if unknown:
            raise Refused([Fault(f"/{unknown[0][:60]}", "unknown_filter", "is not a filter of this list")])
        if wanted.get("class", PAID) not in CLASSES:
            raise Refused([Fault("/class", "invalid", f"must be one of {', '.join(CLASSES)}")])
        try:
            parts = exported(wanted.get("model_version"), unpaid=CLASSES.get(wanted.get("class")))
        except NoCustomerModel as unknown_model:
            raise Refused([Fault("/model_version", "invalid", str(unknown_model))]) from None
        answer = StreamingHttpResponse(parts, content_type="text/csv; charset=utf-8")
        name = f"customer-predictions-{timezone.localdate()}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
