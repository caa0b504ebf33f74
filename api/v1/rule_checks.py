"""What helps to write a rule: a check of its wording, and the names it may use."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import Fault, Refused
from api.shapes import Text
from api.views import ApiView, validated
from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Rule
from fraud_detection.services.workbench.checking import check_definition
from fraud_detection.services.workbench.completion import completion
from users.roles import Ability


class CheckRequest(serializers.Serializer):
    engine = serializers.ChoiceField(tuple(ENGINES))
    definition = serializers.DictField(
        help_text="The fields of a rule: code, family, subject, condition, severity, reason, params..."
    )
    rule = Text(
        required=False,
        max_length=64,
        help_text="Code of the rule that is being changed: no duplicate of itself.",
    )


class FindingBody(serializers.Serializer):
    field = serializers.CharField(help_text="The field of the definition.")
    line = serializers.IntegerField(help_text="From 1, in the text of the field.")
    column = serializers.IntegerField(help_text="From 1.")
    length = serializers.IntegerField(help_text="Characters that it is about.")
    message = serializers.CharField()
    suggestion = serializers.CharField(
        allow_blank=True, help_text="What should probably stand there; empty when nothing is near."
    )
    code = serializers.CharField(help_text="never_seen, always_true, division, duplicate...")


class NamesBody(serializers.Serializer):
    features = serializers.ListField(child=serializers.CharField())
    parameters = serializers.ListField(child=serializers.CharField())
    lists = serializers.ListField(child=serializers.CharField())


class CheckBody(serializers.Serializer):
    errors = FindingBody(many=True, help_text="With any, the rule cannot leave the draft.")
    warnings = FindingBody(many=True, help_text="It can, but is it meant?")
    english = serializers.CharField(help_text="The rule in plain English.")
    names = NamesBody()


class NameBody(serializers.Serializer):
    name = serializers.CharField()
    kind = serializers.CharField(help_text="number, text, bool, timestamp or duration.")
    unit = serializers.CharField(allow_blank=True)
    meaning = serializers.CharField()
    typical = serializers.CharField(
        allow_blank=True, help_text="Median or most frequent text of the newest 5,000 decisions."
    )
    missing = serializers.FloatField(
        allow_null=True, help_text="Share of them without a value; null while there are too few."
    )


class NamedListBody(serializers.Serializer):
    name = serializers.CharField()
    entries = serializers.IntegerField()


class FunctionBody(serializers.Serializer):
    name = serializers.CharField()
    signature = serializers.CharField()
    kind = serializers.CharField()
    meaning = serializers.CharField()


class NamesOfEngine(serializers.Serializer):
    engine = serializers.CharField()
    decisions = serializers.IntegerField(help_text="Stored decisions that the typical values are of.")
    features = NameBody(many=True)
    lists = NamedListBody(many=True)
    functions = FunctionBody(many=True)


class ValidateRule(ApiView):
    abilities = {"POST": Ability.DRAFT_RULES}

    @extend_schema(
        operation_id="validate_rule",
        summary="Check a rule without storing it: every error with its place, warnings, plain English",
        request=CheckRequest,
        responses=CheckBody,
    )
    def post(self, request: Request) -> Response:
        asked = validated(CheckRequest, request)
        rule = Rule.objects.filter(engine=asked["engine"], code=asked.get("rule", "")).first()
        return Response(check_definition(asked["engine"], asked["definition"], rule=rule).as_data())


class RuleFeatures(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="list_rule_features",
        summary="Names that rules of an engine may use, with meaning, unit and a typical value",
        parameters=[
            OpenApiParameter("engine", enum=tuple(ENGINES), required=True, description="Whose rules.")
        ],
        responses=NamesOfEngine,
    )
    def get(self, request: Request) -> Response:
        engine = request.query_params.get("engine", "")
        if engine not in ENGINES:
            raise Refused([Fault("engine", "invalid_choice", f"must be one of {', '.join(ENGINES)}")])
        return Response(completion(engine))
