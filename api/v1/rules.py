"""Rules: what there is, writing the next wording, and what differs between two."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import person_only, request_id_of
from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.problems import Fault, Refused
from api.shapes import Whole
from api.v1.rule_bodies import RuleBody, RuleDetail, RuleDraftBody, RuleFieldDiff
from api.views import ApiView, validated
from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Rule, RuleVersion
from fraud_detection.services import rulebook
from fraud_detection.services.rulebook import reading
from users.models import User
from users.roles import Ability

STALE = "The draft was changed since the `version` that was sent; the detail says who saved what."
DRAFT = "draft"
LARGEST = 256_000  # bytes of a body: a definition has 32 KB, escaped ones more


class RuleFilter(ListFilter):
    engine = TextFilter(label="One engine, say payments.")
    stage = django_filters.ChoiceFilter(choices=[(one, one) for one in reading.STAGES], method="in_stage")
    family = TextFilter(method="of_family")
    author = TextFilter(method="by_author", label="Who wrote a version or the draft; pack: as shipped.")
    flagged = django_filters.BooleanFilter(method="with_flags")
    text = TextFilter(method="saying", label="In code, description or condition.")

    def in_stage(self, found: QuerySet[Rule], name: str, value: str) -> QuerySet[Rule]:
        return reading.in_stage(found, value)

    def of_family(self, found: QuerySet[Rule], name: str, value: str) -> QuerySet[Rule]:
        return reading.of_family(found, value)

    def by_author(self, found: QuerySet[Rule], name: str, value: str) -> QuerySet[Rule]:
        return reading.by_author(found, value)

    def with_flags(self, found: QuerySet[Rule], name: str, value: bool) -> QuerySet[Rule]:
        return reading.flagged(found, value)

    def saying(self, found: QuerySet[Rule], name: str, value: str) -> QuerySet[Rule]:
        return reading.saying(found, value)


class RulePage(Page):
    results = RuleBody(many=True)


class NewRule(serializers.Serializer):
    engine = serializers.ChoiceField(tuple(ENGINES))
    definition = serializers.DictField(help_text="The rule as in docs/RULES.md; its code cannot be changed.")


class RuleDraftRequest(serializers.Serializer):
    definition = serializers.DictField(help_text="All of it: what is left out is gone.")
    version = Whole(min_value=0, max_value=2**31 - 1, help_text="The draft's you saw; 0 when there was none.")
    based_on = Whole(
        min_value=1, max_value=2**31 - 1, required=False, help_text="The version a new draft starts from."
    )


class RuleDiffBody(serializers.Serializer):
    before = serializers.CharField(help_text="A version's number, or draft.")
    after = serializers.CharField()
    differences = RuleFieldDiff(many=True)


class Rules(ApiView):
    abilities = {"GET": Ability.READ, "POST": Ability.DRAFT_RULES}
    largest_body = LARGEST

    @extend_schema(
        operation_id="list_rules",
        summary="Rules with their stage, flags and figures, newest first",
        parameters=[*documented(RuleFilter), *DOCUMENTED],
        responses=RulePage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(RuleFilter, request, reading.rules())
        return Response(page(request, found, lambda rule: RuleBody(reading.view_of(rule)).data))

    @extend_schema(
        operation_id="make_rule",
        summary="Begin a rule with a draft",
        request=NewRule,
        responses={201: RuleDetail},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        person = drafter_of(request)
        said = validated(NewRule, request)
        draft = rulebook.new_rule(
            said["engine"], said["definition"], acting_user=person, request_id=request_id_of(request)
        )
        return Response(rule_detail(draft.rule_id), status=201)


class OneRule(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="show_rule",
        summary="One rule with its versions, draft and flags",
        responses=RuleDetail,
    )
    def get(self, request: Request, rule_id: int) -> Response:
        return Response(rule_detail(rule_id))


class RuleDraft(ApiView):
    abilities = {"GET": Ability.READ, "PUT": Ability.DRAFT_RULES, "DELETE": Ability.DRAFT_RULES}
    conflicts = {"PUT": STALE, "DELETE": STALE}
    largest_body = LARGEST

    @extend_schema(
        operation_id="show_rule_draft", summary="The next wording of a rule", responses=RuleDraftBody
    )
    def get(self, request: Request, rule_id: int) -> Response:
        view = existing_view(rule_id)
        if view.draft is None:
            raise Http404
        return Response(RuleDraftBody(view.draft).data)

    @extend_schema(
        operation_id="save_rule_draft",
        summary="Save the next wording of a rule; it may be unfinished",
        request=RuleDraftRequest,
        responses={200: RuleDraftBody},
    )
    def put(self, request: Request, rule_id: int) -> Response:
        person, rule = drafter_of(request), existing_rule(rule_id)
        said = validated(RuleDraftRequest, request)
        draft = rulebook.save_draft(
            rule,
            said["definition"],
            seen=said["version"],
            based_on=existing_version(rule, said["based_on"]) if "based_on" in said else None,
            acting_user=person,
            request_id=request_id_of(request),
        )
        return Response(RuleDraftBody(draft).data)

    @extend_schema(
        operation_id="discard_rule_draft",
        summary="Throw the draft away",
        parameters=[OpenApiParameter("version", int, required=True, description="The draft's you saw.")],
        responses={204: None},
    )
    def delete(self, request: Request, rule_id: int) -> Response:
        person, rule = drafter_of(request), existing_rule(rule_id)
        seen = number_of(request, "version")
        rulebook.discard_draft(rule, seen=seen, acting_user=person, request_id=request_id_of(request))
        return Response(status=204)


class RuleDiff(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="compare_rule_versions",
        summary="What differs between two wordings of a rule",
        parameters=[
            OpenApiParameter("from", str, required=True, description="A version's number, or draft."),
            OpenApiParameter("to", str, required=True, description="A version's number, or draft."),
        ],
        responses=RuleDiffBody,
    )
    def get(self, request: Request, rule_id: int) -> Response:
        rule = existing_rule(rule_id)
        before, after = request.query_params.get("from", ""), request.query_params.get("to", "")
        found = rulebook.compare(_wording(rule, before, "from"), _wording(rule, after, "to"))
        body = {
            "before": before,
            "after": after,
            "differences": [
                {
                    "field": one.field,
                    "before": one.before,
                    "after": one.after,
                    "lines": [{"mark": mark, "text": text} for mark, text in one.lines],
                }
                for one in found
            ],
        }
        return Response(body)


def existing_rule(rule_id: int) -> Rule:
    """Raises Http404."""
    rule = Rule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise Http404
    return rule


def existing_view(rule_id: int) -> reading.RuleView:
    """Raises Http404."""
    rule = reading.rules().filter(pk=rule_id).first()
    if rule is None:
        raise Http404
    return reading.view_of(rule)


def existing_version(rule: Rule, number: int) -> RuleVersion:
    """Raises Http404."""
    version = RuleVersion.objects.select_related("rule").filter(rule=rule, number=number).first()
    if version is None:
        raise Http404
    return version


def rule_detail(rule_id: int) -> dict[str, Any]:
    return RuleDetail(existing_view(rule_id)).data


def drafter_of(request: Request) -> User:
    """Wordings and changes of stage carry the name of a person; raises PermissionDenied for a key."""
    return person_only(request, "Rules are written and approved")


def number_of(request: Request, name: str) -> int:
    """A whole number of the query; raises Refused."""
    return _whole(request.query_params.get(name, ""), name, "must be a whole number")


def _wording(rule: Rule, name: str, parameter: str) -> dict[str, Any]:
    if name == DRAFT:
        draft = getattr(rule, "draft", None)
        if draft is None:
            raise Http404
        return draft.definition
    number = _whole(name, parameter, "must be a version's number, or draft")
    return existing_version(rule, number).definition


def _whole(text: str, parameter: str, told: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Refused([Fault(f"/{parameter}", "invalid", told)])
    return int(text)
