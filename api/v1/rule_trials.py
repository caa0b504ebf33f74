"""Trying a wording on one stored event."""

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import Fault, Refused
from api.shapes import Text, Whole
from api.views import ApiView, validated
from fraud_detection.services.workbench.accepting import accepted
from fraud_detection.services.workbench.trying import NoSuchEvent, stored_decision, try_on
from users.roles import Ability


class TrialRequest(serializers.Serializer):
    """Exactly one of `assessment_id` and `event_id`."""

    engine = Text(max_length=16)
    definition = serializers.JSONField(help_text="A rule as data, see docs/RULES.md.")
    assessment_id = Whole(min_value=1, max_value=2**62, required=False, help_text="The decision, by its id.")
    event_id = Text(max_length=128, required=False, help_text="Or the event, by the client's own id.")


class TriedPartBody(serializers.Serializer):
    field = serializers.ChoiceField(("condition", "requires"))
    text = serializers.CharField()
    line = serializers.IntegerField()
    column = serializers.IntegerField()
    depth = serializers.IntegerField(help_text="How deep the part stands; a whole comes before its parts.")
    operator = serializers.CharField(allow_blank=True, help_text="Empty for a name.")
    kind = serializers.CharField()
    value = serializers.JSONField(help_text="Null is missing, or not evaluable.")
    shown = serializers.CharField(help_text="The value as people read it.")


class TrialBody(serializers.Serializer):
    assessment_id = serializers.IntegerField()
    event_id = serializers.CharField()
    outcome = serializers.ChoiceField(("hit", "no_hit", "insufficient_data", "not_evaluable", "failed"))
    why = serializers.CharField(allow_blank=True)
    parts = TriedPartBody(many=True)
    error = serializers.CharField(allow_blank=True)
    subject = serializers.CharField(allow_blank=True)
    severity = serializers.CharField(allow_blank=True)
    confidence = serializers.FloatField(allow_null=True)
    weight = serializers.FloatField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class RuleTrial(ApiView):
    abilities = {"POST": Ability.READ}

    @extend_schema(
        operation_id="try_rule",
        summary="What a wording says of a stored event, with the value of every part; nothing is stored",
        request=TrialRequest,
        responses={200: TrialBody},
    )
    def post(self, request: Request) -> Response:
        given = validated(TrialRequest, request)
        definition = accepted(given["definition"], engine=given["engine"])
        try:
            assessment = stored_decision(
                given["engine"], assessment_id=given.get("assessment_id"), event_id=given.get("event_id")
            )
        except NoSuchEvent as unknown:
            raise Refused([Fault(f"/{unknown.field}", "unknown", str(unknown))]) from None
        tried = try_on(definition, engine=given["engine"], assessment=assessment)
        body = {"assessment_id": assessment.pk, "event_id": assessment.external_id, "why": tried.why}
        return Response(TrialBody(asdict(tried) | body).data)
