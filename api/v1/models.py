"""The model registry: what there is, what was measured, and who serves."""

from typing import Any

import django_filters
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import person_only, request_id_of
from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.shapes import Whole
from api.views import ApiView, validated
from fraud_detection.models import ModelStage, ModelVersion
from fraud_detection.services.comparing import compare_with_champion
from fraud_detection.services.model_registry import NoSuchModel, version_named
from fraud_detection.services.model_report import markdown_card, warnings_of
from fraud_detection.services.model_stages import (
    missing_live,
    promote,
    retire,
    roll_back,
    start_shadow,
)
from users.roles import Ability

STALE = "The model was changed since the `version` that was sent, or its stage does not allow this."


class ModelFilter(ListFilter):
    engine = TextFilter()
    stage = django_filters.ChoiceFilter(choices=ModelStage.choices)


class ModelBody(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField(source="__str__", help_text="payments-3; stands for the id in addresses.")
    engine = serializers.CharField()
    number = serializers.IntegerField()
    stage = serializers.ChoiceField(ModelStage.choices)
    version = serializers.IntegerField(source="revision", help_text="Send it back with a change of stage.")
    algorithm = serializers.CharField(source="card.algorithm", allow_null=True, default=None)
    source = serializers.CharField(
        source="card.source",
        allow_null=True,
        default=None,
        help_text="generated, stored, imported, external.",
    )
    metrics = serializers.DictField(source="card.metrics", default=dict)
    feature_set = serializers.CharField(source="card.feature_set", allow_null=True, default=None)
    sha256 = serializers.CharField(help_text="Of the file; no other bytes are loaded.")
    prediction_hash = serializers.CharField(
        source="card.prediction_hash",
        allow_null=True,
        default=None,
        help_text="Of its predictions: the same data and seed give the same.",
    )
    generated_data_only = serializers.BooleanField(help_text="It never declines by itself then.")
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(allow_blank=True)
    promoted_at = serializers.DateTimeField(allow_null=True)
    promoted_by = serializers.CharField(allow_blank=True)
    stage_changed_at = serializers.DateTimeField()
    stage_changed_by = serializers.CharField(allow_blank=True)


class ModelPage(Page):
    results = ModelBody(many=True)


class ModelDetail(ModelBody):
    card = serializers.DictField(help_text="Everything about it that is not the weights.")
    report = serializers.DictField(help_text="What its training measured; empty when it wrote no report.")
    warnings = serializers.SerializerMethodField()
    missing_live = serializers.SerializerMethodField(
        help_text="Features that live events do not carry: with any, it can score histories only."
    )

    def get_warnings(self, version: ModelVersion) -> list[str]:
        return warnings_of(version)

    def get_missing_live(self, version: ModelVersion) -> list[str]:
        return missing_live(version)


class FoundBody(serializers.Serializer):
    alerts = serializers.IntegerField()
    labelled = serializers.IntegerField()
    frauds = serializers.IntegerField()
    precision = serializers.FloatField(allow_null=True)


class ComparisonBody(serializers.Serializer):
    scored = serializers.IntegerField(help_text="Decisions that both models scored, the newest 20,000.")
    failed = serializers.IntegerField(help_text="Decisions for which the shadow gave no score.")
    since = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True)
    review_from = serializers.FloatField()
    agree = serializers.IntegerField()
    agreement = serializers.FloatField(allow_null=True)
    only_champion = serializers.IntegerField(help_text="Alerts that only the champion raised.")
    only_shadow = serializers.IntegerField(help_text="Alerts that only the shadow would have raised.")
    mean_difference = serializers.FloatField(allow_null=True, help_text="Of the probabilities, absolute.")
    labelled = serializers.IntegerField()
    frauds = serializers.IntegerField()
    champion = FoundBody()
    shadow = FoundBody()
    same_number = FoundBody(help_text="The shadow's highest, as many as the champion's alerts.")


class StageRequest(serializers.Serializer):
    version = Whole(min_value=1, max_value=2**31 - 1, help_text="The `version` you saw.")


class Models(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="list_models",
        summary="Registered models, newest first",
        parameters=[*documented(ModelFilter), *DOCUMENTED],
        responses=ModelPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(ModelFilter, request, ModelVersion.objects.all())
        return Response(page(request, found, lambda version: ModelBody(version).data))


class OneModel(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="show_model", summary="One model with its card and report", responses=ModelDetail
    )
    def get(self, request: Request, model_id: str) -> Response:
        return Response(ModelDetail(existing_model(model_id)).data)


class ModelCard(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="show_model_card",
        summary="The model card as Markdown",
        responses={(200, "text/markdown"): OpenApiTypes.STR},
    )
    def get(self, request: Request, model_id: str) -> HttpResponse:
        version = existing_model(model_id)
        answer = HttpResponse(markdown_card(version), content_type="text/markdown; charset=utf-8")
        answer["Content-Disposition"] = f'inline; filename="{version}.md"'
        return answer


class ModelComparison(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="compare_model",
        summary="A model in shadow against the champion",
        responses=ComparisonBody,
    )
    def get(self, request: Request, model_id: str) -> Response:
        found = compare_with_champion(existing_model(model_id))
        if found is None:
            raise Http404
        return Response(ComparisonBody(found).data)


class ChangeStage(ApiView):
    """Every process follows within 5 seconds."""

    abilities = {"POST": Ability.MANAGE}
    commits_itself = True
    conflicts = {"POST": STALE}


class PromoteModel(ChangeStage):
    @extend_schema(
        operation_id="promote_model",
        summary="Make a model champion; not by its maker",
        request=StageRequest,
        responses={200: ModelBody},
    )
    @idempotent
    def post(self, request: Request, model_id: str) -> Response:
        version, by, seen = _asked(request, model_id)
        return Response(ModelBody(promote(version, approved_by=by, **seen)).data)


class ShadowModel(ChangeStage):
    @extend_schema(
        operation_id="shadow_model",
        summary="Let a model score every decision beside the champion",
        request=StageRequest,
        responses={200: ModelBody},
    )
    @idempotent
    def post(self, request: Request, model_id: str) -> Response:
        version, by, seen = _asked(request, model_id)
        return Response(ModelBody(start_shadow(version, acted_by=by, **seen)).data)


class RetireModel(ChangeStage):
    @extend_schema(
        operation_id="retire_model",
        summary="Take a candidate or a shadow out of use",
        request=StageRequest,
        responses={200: ModelBody},
    )
    @idempotent
    def post(self, request: Request, model_id: str) -> Response:
        version, by, seen = _asked(request, model_id)
        return Response(ModelBody(retire(version, acted_by=by, **seen)).data)


class RollBackModel(ChangeStage):
    @extend_schema(
        operation_id="roll_back_model",
        summary="Put the champion before this one in force again; answers that one",
        request=StageRequest,
        responses={200: ModelBody},
    )
    @idempotent
    def post(self, request: Request, model_id: str) -> Response:
        version, by, seen = _asked(request, model_id)
        return Response(ModelBody(roll_back(version, acted_by=by, **seen)).data)


def existing_model(model_id: str) -> ModelVersion:
    """By id or name; raises Http404."""
    try:
        return version_named(model_id)
    except NoSuchModel as missing:
        raise Http404 from missing


def _asked(request: Request, model_id: str) -> tuple[ModelVersion, str, dict[str, Any]]:
    """The model, who changes its stage, and what they saw; stages carry the name of a person."""
    person = person_only(request, "Models are approved")
    seen = validated(StageRequest, request)["version"]
    said = {"seen": seen, "request_id": request_id_of(request)}
    return existing_model(model_id), person.email, said
