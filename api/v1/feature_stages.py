"""The life of a defined feature: submitted, approved by somebody else, rejected, retired."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.shapes import Text, Whole
from api.v1.feature_definitions import SEEN, DefinitionBody, person
from api.views import ApiView, validated
from fraud_detection.models import FeatureDefinition
from fraud_detection.services.feature_definitions import approve, reject, retire, submit
from users.roles import Ability

STALE = "It was changed since the `version` that was sent, or its stage does not allow this."


class SeenRequest(serializers.Serializer):
    version = Whole(min_value=1, max_value=2**31 - 1, help_text=SEEN)


class RejectRequest(SeenRequest):
    reason = Text(max_length=500, help_text="Its author reads it.")


class RetireRequest(SeenRequest):
    reason = Text(max_length=500, required=False, default="")


class SubmitFeature(ApiView):
    abilities = {"POST": Ability.DRAFT_RULES}
    conflicts = {"POST": STALE}

    @extend_schema(
        operation_id="submit_feature",
        summary="Ask for approval of a draft",
        request=SeenRequest,
        responses={200: DefinitionBody},
    )
    @idempotent
    def post(self, request: Request, feature_id: int) -> Response:
        return _changed(submit, SeenRequest, request, feature_id)


class ApproveFeature(ApiView):
    """Every process computes it within 5 seconds."""

    abilities = {"POST": Ability.APPROVE_RULES}
    conflicts = {"POST": f"{STALE} Or a model in use reads the version before."}

    @extend_schema(
        operation_id="approve_feature",
        summary="Put a feature in force; not by its author",
        request=SeenRequest,
        responses={200: DefinitionBody},
    )
    @idempotent
    def post(self, request: Request, feature_id: int) -> Response:
        return _changed(approve, SeenRequest, request, feature_id)


class RejectFeature(ApiView):
    abilities = {"POST": Ability.APPROVE_RULES}
    conflicts = {"POST": STALE}

    @extend_schema(
        operation_id="reject_feature",
        summary="Send a feature back to be a draft",
        request=RejectRequest,
        responses={200: DefinitionBody},
    )
    @idempotent
    def post(self, request: Request, feature_id: int) -> Response:
        return _changed(reject, RejectRequest, request, feature_id)


class RetireFeature(ApiView):
    abilities = {"POST": Ability.APPROVE_RULES}
    conflicts = {"POST": f"{STALE} Or a rule or model reads it; the answer names them."}

    @extend_schema(
        operation_id="retire_feature",
        summary="Compute a feature no more",
        request=RetireRequest,
        responses={200: DefinitionBody},
    )
    @idempotent
    def post(self, request: Request, feature_id: int) -> Response:
        return _changed(retire, RetireRequest, request, feature_id)


def _changed(change, kind: type[SeenRequest], request: Request, feature_id: int) -> Response:
    by = person(request)
    row = get_object_or_404(FeatureDefinition, pk=feature_id)
    told = validated(kind, request)
    seen = told.pop("version")
    return Response(DefinitionBody(change(row, seen=seen, **told, **by)).data)
