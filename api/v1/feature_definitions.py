"""Features: all that an engine has, and those that people define."""

from typing import Any

import django_filters
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import person_only, request_id_of
from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.problems import Fault, Refused
from api.shapes import Text, Whole
from api.views import ApiView, validated
from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import FeatureDefinition, FeatureStage
from fraud_detection.services.feature_definitions import change_definition, new_definition
from fraud_detection.services.feature_definitions.listing import features_of
from fraud_detection.services.feature_definitions.previewing import preview
from users.roles import Ability

SPEC = """
`{"entity", "aggregate", "column", "window", "until", "filter", "include_current"}`: whose history, count,
sum, mean, max, min, distinct, since_last or share, of which column, over 30m to 365d, of events that meet
every condition `{"column", "is", "value"}` of the filter.
"""
SEEN = "The `version` you saw."


class Json(serializers.JSONField):
    """Any JSON value; what it must be is checked where it is understood."""


class FeatureBody(serializers.Serializer):
    name = serializers.CharField()
    kind = serializers.CharField(help_text="number, bool or text.")
    unit = serializers.CharField()
    meaning = serializers.CharField()
    window = serializers.CharField(help_text="How far back it looks; event: at the event alone.")
    origin = serializers.CharField(help_text="shipped, defined by people, or field: declared by people.")
    read_by = serializers.ListField(child=serializers.CharField(), source="readers")
    definition = serializers.IntegerField(source="definition.pk", allow_null=True, default=None)


class FeaturesBody(serializers.Serializer):
    engine = serializers.CharField()
    results = FeatureBody(many=True)


class DefinitionBody(serializers.Serializer):
    id = serializers.IntegerField()
    engine = serializers.CharField()
    name = serializers.CharField()
    number = serializers.IntegerField(help_text="Of the version of this feature.")
    stage = serializers.ChoiceField(FeatureStage.choices)
    version = serializers.IntegerField(source="revision", help_text="Send it back with a change.")
    spec = Json()
    unit = serializers.CharField()
    meaning = serializers.CharField()
    author = serializers.CharField()
    created_at = serializers.DateTimeField()
    submitted_by = serializers.CharField(allow_blank=True)
    approved_by = serializers.CharField(allow_blank=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_blank=True, help_text="Why it was rejected or retired.")
    changed_at = serializers.DateTimeField()
    changed_by = serializers.CharField(allow_blank=True)


class DefinitionPage(Page):
    results = DefinitionBody(many=True)


class DefinitionFilter(ListFilter):
    engine = TextFilter()
    name = TextFilter()
    stage = django_filters.ChoiceFilter(choices=FeatureStage.choices)


class NewFeature(serializers.Serializer):
    engine = Text(max_length=32)
    name = Text(max_length=200, help_text="3 to 48 lower-case letters, digits and _.")
    spec = Json(help_text=SPEC)
    meaning = Text(max_length=1000, required=False, default="", help_text="Default: made of the definition.")


class ChangedFeature(serializers.Serializer):
    spec = Json(help_text=SPEC)
    meaning = Text(max_length=1000, required=False, default="")
    version = Whole(min_value=1, max_value=2**31 - 1, help_text=SEEN)


class PreviewRequest(serializers.Serializer):
    engine = Text(max_length=32)
    spec = Json(help_text=SPEC)
    assessment_id = Whole(
        min_value=1, max_value=2**63 - 1, required=False, default=None, help_text="One decision to look at."
    )


class TriedBody(serializers.Serializer):
    assessment_id = serializers.IntegerField()
    external_id = serializers.CharField()
    decided_at = serializers.DateTimeField()
    value = serializers.FloatField(allow_null=True, help_text="null: missing.")


class PreviewBody(serializers.Serializer):
    english = serializers.CharField()
    unit = serializers.CharField()
    events = serializers.IntegerField(help_text="Of the newest decisions, 200 at most.")
    missing = serializers.IntegerField()
    median = serializers.FloatField(allow_null=True)
    smallest = serializers.FloatField(allow_null=True)
    largest = serializers.FloatField(allow_null=True)
    values = TriedBody(many=True)


class Features(ApiView):
    abilities = {"GET": Ability.READ, "POST": Ability.DRAFT_RULES}
    conflicts = {"POST": "A version of this feature is a draft or awaits approval already."}

    @extend_schema(
        operation_id="list_features",
        summary="Every feature of an engine with its meaning and who reads it",
        parameters=[
            OpenApiParameter("engine", str, description="Default payments."),
            OpenApiParameter("search", str, description="Part of a name or meaning."),
        ],
        responses=FeaturesBody,
    )
    def get(self, request: Request) -> Response:
        engine = request.query_params.get("engine", "payments")
        if engine not in ENGINES:
            raise Refused([Fault("/engine", "unknown_value", f"must be one of {', '.join(ENGINES)}")])
        found = features_of(engine, request.query_params.get("search", ""))
        return Response(FeaturesBody({"engine": engine, "results": found}).data)

    @extend_schema(
        operation_id="draft_feature",
        summary="Draft a feature, or the next version of one",
        request=NewFeature,
        responses={201: DefinitionBody},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        by = person(request)
        row = new_definition(**validated(NewFeature, request), **by)
        return Response(DefinitionBody(row).data, status=201)


class Definitions(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="list_feature_definitions",
        summary="Versions of the features that people define, newest first",
        parameters=[*documented(DefinitionFilter), *DOCUMENTED],
        responses=DefinitionPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(DefinitionFilter, request, FeatureDefinition.objects.all())
        return Response(page(request, found, lambda row: DefinitionBody(row).data))


class OneFeature(ApiView):
    abilities = {"GET": Ability.READ, "PUT": Ability.DRAFT_RULES}
    conflicts = {"PUT": "It was changed since the `version` that was sent, or is no draft."}

    @extend_schema(
        operation_id="show_feature", summary="One version of a defined feature", responses=DefinitionBody
    )
    def get(self, request: Request, feature_id: int) -> Response:
        return Response(DefinitionBody(get_object_or_404(FeatureDefinition, pk=feature_id)).data)

    @extend_schema(
        operation_id="change_feature",
        summary="The next wording of a draft",
        request=ChangedFeature,
        responses={200: DefinitionBody},
    )
    def put(self, request: Request, feature_id: int) -> Response:
        by = person(request)
        row = get_object_or_404(FeatureDefinition, pk=feature_id)
        told = validated(ChangedFeature, request)
        seen = told.pop("version")
        return Response(DefinitionBody(change_definition(row, seen=seen, **told, **by)).data)


class PreviewFeature(ApiView):
    abilities = {"POST": Ability.DRAFT_RULES}

    @extend_schema(
        operation_id="preview_feature",
        summary="Values of a definition over the newest stored events; nothing is stored",
        request=PreviewRequest,
        responses={200: PreviewBody},
    )
    def post(self, request: Request) -> Response:
        person(request)
        told = validated(PreviewRequest, request)
        engine, spec = told["engine"], told["spec"]
        return Response(PreviewBody(preview(engine, spec, assessment_id=told["assessment_id"])).data)


def person(request: Request) -> dict[str, Any]:
    """Who does it, and by which request; definitions carry the name of a person."""
    acting = person_only(request, "Features are defined")
    return {"acting_user": acting, "request_id": request_id_of(request)}
