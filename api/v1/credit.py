"""POST /credit/assess/ decides about an application for credit."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import client_of
from api.idempotency import DOCUMENTED as DOCUMENTED_KEY
from api.idempotency import idempotent
from api.v1.decisions import DecidedPart
from api.v1.engine_request import REPLAYED, EngineRequest
from api.views import ApiView, body_of
from fraud_detection.services.sources import decide_event
from users.roles import Ability


class CreditRequest(EngineRequest):
    """One application for credit; money in the reporting currency."""

    engine = "credit"
    example = {"applicant_id": "USER-101", "monthly_income": 4200, "employment_length": 24}


class CreditAlert(serializers.Serializer):
    type = serializers.ChoiceField(["reason_code", "not_enough_data", "override"])
    code = serializers.CharField()
    message = serializers.CharField()
    severity = serializers.CharField()
    points = serializers.IntegerField(required=False, help_text="What it cost, for a reason code.")


class CreditFactors(serializers.Serializer):
    """(points obtained - worst) / (best - worst) of each group, 0 to 1."""

    payment_history = serializers.FloatField()
    amounts_owed = serializers.FloatField()
    length_of_credit = serializers.FloatField()
    new_credit = serializers.FloatField()
    credit_mix = serializers.FloatField()


class CreditBody(DecidedPart):
    """The decision on an application. `risk_score` is the credit score, 300 to 850."""

    application_id = serializers.CharField()
    applicant_id = serializers.CharField()
    decision = serializers.ChoiceField(["APPROVED", "REFERRED", "DECLINED"])
    risk_score = serializers.IntegerField()
    credit_score = serializers.IntegerField()
    risk_tier = serializers.ChoiceField(["LOW", "MEDIUM", "ELEVATED", "HIGH"])
    factors = CreditFactors()
    probability_of_default = serializers.FloatField(help_text="By the scorecard.")
    default_probability = serializers.FloatField(allow_null=True, help_text="By the default model.")
    alerts = CreditAlert(many=True)


class CreditAssess(ApiView):
    abilities = {"POST": Ability.DECIDE}
    commits_itself = True
    conflicts = {"POST": "The same application_id was decided with another body."}

    @extend_schema(
        operation_id="assess_credit",
        summary="Assess an application for credit",
        request=CreditRequest,
        responses={
            201: CreditBody,
            200: OpenApiResponse(CreditBody, "Decided before; nothing was stored."),
        },
        parameters=[REPLAYED, DOCUMENTED_KEY],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        decided = decide_event("credit", body_of(request), client=client_of(request))
        if decided.replayed:
            return Response(decided.answer, status=200, headers={"Idempotent-Replayed": "true"})
        return Response(decided.answer, status=201)
