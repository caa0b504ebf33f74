"""How a decision and a problem look: the documented shapes that several routes answer with."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from alerts.models import Severity
from fraud_detection.models import Decision, RiskLevel


class Reason(serializers.Serializer):
    code = serializers.CharField()
    text = serializers.CharField()
    contribution = serializers.FloatField()


class Hit(serializers.Serializer):
    rule = serializers.CharField()
    severity = serializers.ChoiceField(Severity.choices)
    confidence = serializers.FloatField(min_value=0, max_value=1)
    reason = serializers.CharField()
    metadata = serializers.DictField()


class Latency(serializers.Serializer):
    """Milliseconds each part took."""

    features = serializers.FloatField()
    model = serializers.FloatField()
    rules = serializers.FloatField()
    store = serializers.FloatField()
    total = serializers.FloatField()


class DecidedPart(serializers.Serializer):
    """What every engine answers about an event, beside its own fields."""

    id = serializers.IntegerField(help_text="The stored assessment, see /predictions/{id}/.")
    risk_level = serializers.ChoiceField(RiskLevel.choices)
    fraud_probability = serializers.FloatField(
        min_value=0, max_value=1, allow_null=True, help_text="Calibrated; null when no model took part."
    )
    confidence_score = serializers.FloatField(min_value=0, max_value=1)
    released = serializers.BooleanField(
        help_text="Approved by the random release although the score would stop it, to learn its outcome."
    )
    reasons = Reason(many=True, help_text="At most 5, most important first.")
    model_version = serializers.CharField(allow_null=True, help_text="Null when no model is in force.")
    ruleset_version = serializers.CharField()
    policy_version = serializers.CharField()
    degraded = serializers.BooleanField(help_text="A part failed and the fail policy was applied.")
    degraded_parts = serializers.ListField(child=serializers.CharField())
    timestamp = serializers.DateTimeField()
    latency_ms = Latency()


class DecisionBody(DecidedPart):
    """What was decided about one event, and why."""

    transaction_id = serializers.CharField()
    decision = serializers.ChoiceField(Decision.choices)
    risk_score = serializers.FloatField(min_value=0, max_value=100)
    is_fraud = serializers.BooleanField(help_text="Suspected: the risk reached the review threshold.")
    alerts = Hit(many=True, help_text="The rules this event hit.")


class ProblemFault(serializers.Serializer):
    pointer = serializers.CharField(
        help_text="RFC 6901 pointer into the body; empty for the whole.", allow_blank=True
    )
    code = serializers.CharField()
    detail = serializers.CharField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "refused values",
            value={
                "type": "urn:fraudguard:problem:values-not-accepted",
                "title": "Values not accepted",
                "status": 422,
                "detail": "amount: must not be below 0",
                "instance": "/api/v1/transactions/",
                "request_id": "0f8a2d5e9c3b4e1d8a7b6c5d4e3f2a1b",
                "errors": [{"pointer": "/amount", "code": "too_small", "detail": "must not be below 0"}],
            },
            status_codes=["422"],
        )
    ]
)
class Problem(serializers.Serializer):
    """RFC 9457 problem details."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    request_id = serializers.CharField()
    errors = ProblemFault(many=True)


class AssessmentSummary(serializers.Serializer):
    """The outcome of one engine, without the evidence."""

    id = serializers.IntegerField()
    engine = serializers.CharField()
    decision = serializers.ChoiceField(Decision.choices)
    risk_score = serializers.FloatField()
    risk_level = serializers.ChoiceField(RiskLevel.choices)
    fraud_probability = serializers.FloatField(allow_null=True)
    is_fraud = serializers.BooleanField()
    released = serializers.BooleanField(help_text="Approved by the random release.")
    degraded = serializers.BooleanField()
    decided_at = serializers.DateTimeField()
