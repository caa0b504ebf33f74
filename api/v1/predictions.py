"""Every stored assessment, with the versions, features and hits that made it."""

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.shapes import Minor
from api.v1.decisions import AssessmentSummary, Reason
from api.v1.external_predictions import (
    EXAMPLE,
    ExternalPredictionBody,
    ExternalPredictionRequest,
    take_external_prediction,
)
from api.views import ApiView
from fraud_detection.models import Assessment, Decision, RiskLevel, RuleHit
from fraud_detection.models.governance import Engine
from fraud_detection.selectors import feature_values
from users.roles import Ability

CLIENT = OpenApiParameter("client", str, description="Client system whose event it is; for people.")
FEATURES = {"type": "object", "additionalProperties": {"type": ["number", "string", "boolean", "null"]}}


class PredictionFilter(ListFilter):
    engine = django_filters.ChoiceFilter(choices=Engine.choices)
    decision = django_filters.ChoiceFilter(choices=Decision.choices)
    risk_level = django_filters.ChoiceFilter(choices=RiskLevel.choices)
    external_id = TextFilter()
    customer = TextFilter(field_name="customer__external_id")
    model_version = TextFilter()
    degraded = django_filters.BooleanFilter()
    decided_after = django_filters.IsoDateTimeFilter(field_name="decided_at", lookup_expr="gte")
    decided_before = django_filters.IsoDateTimeFilter(field_name="decided_at", lookup_expr="lt")
    rule = TextFilter(method="by_rule", label="A rule that was hit.")

    def by_rule(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(pk__in=RuleHit.objects.filter(rule=value).values("assessment"))


class PredictionBody(AssessmentSummary):
    external_id = serializers.CharField(help_text="The event's id at its client system.")
    client = serializers.CharField(source="client.name")
    customer = serializers.CharField(source="customer.external_id", allow_null=True, default=None)
    amount = Minor(source="amount_minor", help_text="In the reporting currency.")
    confidence_score = serializers.FloatField()
    feature_set_version = serializers.CharField()
    rule_set_version = serializers.CharField()
    policy_version = serializers.CharField()
    model_version = serializers.CharField(allow_blank=True)


class PredictionPage(Page):
    results = PredictionBody(many=True)


class StoredHit(serializers.Serializer):
    rule = serializers.CharField()
    rule_version = serializers.IntegerField(allow_null=True)
    family = serializers.CharField()
    subject_kind = serializers.CharField()
    subject = serializers.CharField()
    severity = serializers.CharField()
    confidence = serializers.FloatField()
    weight = serializers.FloatField()
    reason = serializers.CharField()
    metadata = serializers.DictField()
    alert = serializers.IntegerField(source="alert_id", allow_null=True)
    late = serializers.BooleanField(help_text="Found by a deeper search, after the decision was made.")
    snoozed = serializers.BooleanField(help_text="The rule was snoozed for this subject: no risk, no alert.")


class PredictionDetail(PredictionBody):
    """The record that replays the decision."""

    reasons = Reason(many=True)
    hits = StoredHit(many=True)
    features = serializers.SerializerMethodField(help_text="By name; null when missing.")
    not_evaluable = serializers.ListField(
        child=serializers.CharField(), help_text="Rules that lacked an input."
    )
    insufficient = serializers.ListField(
        child=serializers.CharField(), help_text="Rules that lacked history."
    )
    degraded_parts = serializers.ListField(child=serializers.CharField())
    release_propensity = serializers.FloatField(
        allow_null=True, help_text="The chance of a random release it had, 0-1; null: not eligible."
    )

    @extend_schema_field(FEATURES)
    def get_features(self, assessment: Assessment) -> dict[str, float | str | bool | None]:
        return feature_values(assessment)


class Predictions(ApiView):
    abilities = {"GET": Ability.READ, "POST": Ability.DECIDE}
    commits_itself = True
    conflicts = {"POST": "This model said something else of this event before."}

    @extend_schema(
        operation_id="list_predictions",
        summary="Stored assessments of every engine, newest first",
        parameters=[*documented(PredictionFilter), *DOCUMENTED],
        responses=PredictionPage,
    )
    def get(self, request: Request) -> Response:
        stored = Assessment.objects.select_related("client", "customer").defer("features", "texts")
        found = filtered(PredictionFilter, request, stored)
        return Response(page(request, found, lambda assessment: PredictionBody(assessment).data))

    @extend_schema(
        operation_id="store_external_prediction",
        summary="Store a prediction made elsewhere, apart from our own",
        request=ExternalPredictionRequest,
        responses={
            201: ExternalPredictionBody,
            200: OpenApiResponse(ExternalPredictionBody, "Told before; nothing was stored."),
        },
        examples=[OpenApiExample("another model's word", EXAMPLE, request_only=True)],
        parameters=[CLIENT],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        return take_external_prediction(request)


class OnePrediction(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="show_prediction", summary="One assessment in full", responses=PredictionDetail
    )
    def get(self, request: Request, prediction_id: int) -> Response:
        stored = Assessment.objects.select_related("client", "customer").prefetch_related("hits")
        assessment = stored.filter(pk=prediction_id).first()
        if assessment is None:
            raise Http404
        return Response(PredictionDetail(assessment).data)
