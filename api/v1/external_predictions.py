"""Predictions made elsewhere: stored by POST /predictions/, listed apart from our own."""

from typing import Any

import django_filters
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import actor_of, named_client
from api.filters import ListFilter, TextFilter, documented, filtered
from api.pagination import DOCUMENTED, Page, page
from api.problems import Fault, Refused
from api.shapes import Number, Text
from api.v1.decisions import Reason
from api.views import ApiView, body_of, validated
from fraud_detection.models import Decision, ExternalPrediction
from fraud_detection.models.governance import Engine
from fraud_detection.services.external_predictions import store_external_prediction
from users.roles import Ability

MOST_REASONS = 20
NAMED = ("external_id", "transaction_id")
OUTCOME = ("fraud_probability", "risk_score", "decision")
EXAMPLE = {
    "external_id": "TXN-1001",
    "engine": "payments",
    "model_name": "bureau-score",
    "model_version": "2026.3",
    "fraud_probability": 0.82,
    "decision": "review",
    "reasons": [{"code": "VELOCITY", "text": "Nine payments within a minute", "contribution": 0.4}],
    "occurred_at": "2026-03-01T12:00:00Z",
}


class ToldReason(serializers.Serializer):
    code = Text(max_length=64)
    text = Text(max_length=300, required=False, allow_blank=True, default="")
    contribution = Number(required=False, allow_null=True, default=None, min_value=-1e6, max_value=1e6)


class ExternalPredictionRequest(serializers.Serializer):
    """What another system's model said of one event; it tells a probability, a score or a decision."""

    external_id = Text(max_length=128, required=False, help_text="The event's id at your system.")
    transaction_id = Text(max_length=128, required=False, help_text="Another name for external_id.")
    engine = serializers.ChoiceField(Engine.choices, default=Engine.PAYMENTS)
    model_name = Text(max_length=100)
    model_version = Text(max_length=64)
    fraud_probability = Number(min_value=0, max_value=1, required=False, allow_null=True)
    risk_score = Number(min_value=0, max_value=100, required=False, allow_null=True)
    decision = serializers.ChoiceField(Decision.choices, required=False)
    reasons = ToldReason(many=True, required=False, max_length=MOST_REASONS)
    occurred_at = serializers.DateTimeField(required=False, help_text="When it was made; now without it.")


class ExternalPredictionBody(serializers.Serializer):
    id = serializers.IntegerField()
    source = serializers.SerializerMethodField(help_text="Always `external`: not one of our decisions.")
    client = serializers.CharField(source="client.name")
    external_id = serializers.CharField()
    engine = serializers.CharField()
    model_name = serializers.CharField()
    model_version = serializers.CharField()
    fraud_probability = serializers.FloatField(allow_null=True)
    risk_score = serializers.FloatField(allow_null=True)
    decision = serializers.CharField(allow_blank=True, help_text="Empty where none was told.")
    reasons = Reason(many=True)
    occurred_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    told_by = serializers.CharField()

    def get_source(self, prediction: ExternalPrediction) -> str:
        return "external"


class ExternalPredictionPage(Page):
    results = ExternalPredictionBody(many=True)


class ExternalPredictionFilter(ListFilter):
    external_id = TextFilter()
    client = TextFilter(field_name="client__name")
    engine = django_filters.ChoiceFilter(choices=Engine.choices)
    model_name = TextFilter()
    model_version = TextFilter()
    decision = django_filters.ChoiceFilter(choices=Decision.choices)
    occurred_after = django_filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="gte")
    occurred_before = django_filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="lt")


class ExternalPredictions(ApiView):
    """Predictions made elsewhere. No statistic, metric or report of ours counts them."""

    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="list_external_predictions",
        summary="Predictions made elsewhere, newest first",
        parameters=[*documented(ExternalPredictionFilter), *DOCUMENTED],
        responses=ExternalPredictionPage,
    )
    def get(self, request: Request) -> Response:
        stored = ExternalPrediction.objects.select_related("client")
        found = filtered(ExternalPredictionFilter, request, stored)
        return Response(page(request, found, lambda one: ExternalPredictionBody(one).data))


class OneExternalPrediction(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="show_external_prediction",
        summary="One prediction made elsewhere",
        responses=ExternalPredictionBody,
    )
    def get(self, request: Request, prediction_id: int) -> Response:
        stored = ExternalPrediction.objects.select_related("client").filter(pk=prediction_id).first()
        if stored is None:
            raise Http404
        return Response(ExternalPredictionBody(stored).data)


def take_external_prediction(request: Request) -> Response:
    """POST /predictions/: 201 stored, 200 told before, 409 when the model said something else before."""
    values = _checked(validated(ExternalPredictionRequest, request))
    stored, new = store_external_prediction(
        body_of(request),
        values,
        client=named_client(request),
        told_by=actor_of(request),
        now=timezone.now(),
    )
    headers = {} if new else {"Idempotent-Replayed": "true"}
    return Response(ExternalPredictionBody(stored).data, status=201 if new else 200, headers=headers)


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    names = [given[name] for name in NAMED if name in given]
    if len(names) != 1:
        raise Refused([Fault("/external_id", "required", "give either external_id or transaction_id")])
    if all(given.get(name) in (None, "") for name in OUTCOME):
        raise Refused([Fault("", "required", f"tell one of {', '.join(OUTCOME)} at least")])
    rest = {name: value for name, value in given.items() if name not in NAMED}
    return {"occurred_at": timezone.now()} | rest | {"external_id": names[0]}
