"""POST /insurance/detect/ decides about a claim on insurance."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import Severity
from api.authentication import client_of
from api.idempotency import DOCUMENTED as DOCUMENTED_KEY
from api.idempotency import idempotent
from api.v1.decisions import DecidedPart
from api.v1.engine_request import REPLAYED, EngineRequest
from api.views import ApiView, body_of
from fraud_detection.services.sources import decide_event
from users.roles import Ability


class InsuranceRequest(EngineRequest):
    """One claim; money in the reporting currency, days with or without a time."""

    engine = "insurance"
    example = {"claim_id": "CLM-001", "policy_id": "POL-9", "claim_amount": 45000, "estimated_value": 52000}


class InsuranceEvidence(serializers.Serializer):
    """`kind` says what it is: value, threshold, window, provider, policy, claimant or a linked claim."""

    kind = serializers.ChoiceField(
        ["value", "threshold", "window", "provider", "policy", "claimant", "claim"]
    )
    name = serializers.CharField(required=False, help_text="Of a value or a threshold.")
    value = serializers.JSONField(required=False)
    claim_id = serializers.CharField(required=False, help_text="Of a linked claim.")
    policy_id = serializers.CharField(required=False)
    claimant_id = serializers.CharField(required=False, allow_null=True)
    provider_id = serializers.CharField(required=False)
    object_id = serializers.CharField(required=False, allow_null=True)
    claim_amount = serializers.FloatField(required=False)
    loss_date = serializers.CharField(required=False, allow_null=True)
    reported_at = serializers.DateTimeField(required=False)
    shares = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="What it has in common with this claim."
    )


class InsuranceAlert(serializers.Serializer):
    rule = serializers.CharField()
    severity = serializers.ChoiceField(Severity.choices)
    confidence = serializers.FloatField(min_value=0, max_value=1)
    reason = serializers.CharField()
    evidence = InsuranceEvidence(many=True)


class InsuranceBody(DecidedPart):
    """The decision on a claim: it is paid, reviewed or investigated; none is declined."""

    claim_id = serializers.CharField()
    policy_id = serializers.CharField()
    claim_amount = serializers.FloatField()
    fraud_risk = serializers.FloatField(min_value=0, max_value=100)
    fraud_probability = serializers.FloatField(min_value=0, max_value=1, help_text="fraud_risk / 100.")
    model_probability = serializers.FloatField(
        allow_null=True, help_text="What the model alone says; null when no model took part."
    )
    flagged = serializers.BooleanField(
        help_text="The risk reached the review threshold, or a hit is critical."
    )
    handling = serializers.ChoiceField(["pay", "review", "special investigation"])
    decision = serializers.ChoiceField(["approve", "review"])
    is_fraud = serializers.BooleanField(help_text="Suspected; the same as flagged.")
    alerts = InsuranceAlert(many=True)


class InsuranceDetect(ApiView):
    abilities = {"POST": Ability.DECIDE}
    commits_itself = True
    conflicts = {"POST": "The same claim_id was decided with another body."}

    @extend_schema(
        operation_id="detect_insurance_fraud",
        summary="Judge a claim on insurance",
        request=InsuranceRequest,
        responses={
            201: InsuranceBody,
            200: OpenApiResponse(InsuranceBody, "Decided before; nothing was stored."),
        },
        parameters=[REPLAYED, DOCUMENTED_KEY],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        decided = decide_event("insurance", body_of(request), client=client_of(request))
        if decided.replayed:
            return Response(decided.answer, status=200, headers={"Idempotent-Replayed": "true"})
        return Response(decided.answer, status=201)
