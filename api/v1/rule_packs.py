"""Rules as files: the packs that ship, and the rules in force as YAML."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.problems import Fault, Refused
from api.shapes import Text
from api.v1.lists import person_for_lists, traced
from api.views import ApiView, validated
from fraud_detection.engines.registry import ENGINES
from fraud_detection.services.rule_packs import exported_rules, load_preset, presets
from fraud_detection.services.rule_packs.presets import Preset
from users.roles import Ability


class PackRuleBody(serializers.Serializer):
    code = serializers.CharField()
    description = serializers.CharField(source="definition.description")
    condition = serializers.CharField(source="definition.condition")
    severity = serializers.CharField(source="definition.severity")
    is_there = serializers.BooleanField(help_text="The engine has a rule of this code already.")


class PackBody(serializers.Serializer):
    name = serializers.CharField()
    engine = serializers.CharField(source="pack.engine")
    title = serializers.CharField(source="pack.title")
    description = serializers.CharField(source="pack.description")
    lists = serializers.ListField(child=serializers.CharField(), source="list_names")
    rules = PackRuleBody(many=True, source="shown_rules")
    is_loaded = serializers.BooleanField()


class PacksBody(serializers.Serializer):
    results = PackBody(many=True)


class LoadPack(serializers.Serializer):
    name = Text(max_length=60)


class OutcomeBody(serializers.Serializer):
    code = serializers.CharField()
    stage = serializers.CharField()


class LoadedBody(serializers.Serializer):
    rules = OutcomeBody(many=True, help_text="Drafted; none decides before it is submitted and approved.")
    lists = serializers.ListField(child=serializers.CharField(), help_text="Made for these rules, empty.")


class RulePacks(ApiView):
    may_miss = ("POST",)
    abilities = {"GET": Ability.READ, "POST": Ability.DRAFT_RULES}

    @extend_schema(
        operation_id="list_rule_packs",
        summary="Packs that ship, and what they would add",
        responses=PacksBody,
    )
    def get(self, request: Request) -> Response:
        return Response({"results": PackBody([_Shown(each) for each in presets()], many=True).data})

    @extend_schema(
        operation_id="load_rule_pack",
        summary="Make drafts of the rules of a pack that its engine does not have",
        request=LoadPack,
        responses={200: LoadedBody},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        person = person_for_lists(request)
        name = validated(LoadPack, request)["name"]
        return Response(LoadedBody(load_preset(name, acting_user=person, **traced(request))).data)


class ExportRules(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="export_rules",
        summary="The rules of an engine that are in force, as YAML",
        parameters=[
            OpenApiParameter("engine", {"type": "string", "enum": sorted(ENGINES)}, required=True),
        ],
        responses={(200, "application/yaml"): OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> HttpResponse:
        engine = request.query_params.get("engine", "")
        if engine not in ENGINES:
            raise Refused([Fault("/engine", "invalid", f"must be one of {', '.join(sorted(ENGINES))}")])
        answer = HttpResponse(exported_rules(engine), content_type="application/yaml; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{engine}-rules.yaml"'
        return answer


class _Shown:
    """A preset as the answer shows it."""

    def __init__(self, preset: Preset) -> None:
        self.name, self.pack, self.is_loaded = preset.name, preset.pack, preset.is_loaded
        self.list_names = [each.name for each in preset.pack.lists]
        self.shown_rules = [
            {"code": rule.code, "definition": rule.definition, "is_there": rule.code in preset.there}
            for rule in preset.pack.rules
        ]
