"""Backtests: a wording replayed over stored decisions, as a job with its figures."""

from typing import Any

import django_filters
from django.http import Http404, HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import person_only, request_id_of
from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.shapes import Text
from api.views import ApiView, validated
from fraud_detection.models import Backtest, BacktestLabels, BacktestState, Rule
from fraud_detection.services.backtesting import (
    Terms,
    cancel_backtest,
    hits_csv,
    start_backtest,
)
from fraud_detection.services.backtesting.wordings import Wording, wording_of
from users.models import User
from users.roles import Ability

ENDED = "The backtest is done, failed or cancelled already."


class BacktestFilter(ListFilter):
    engine = TextFilter()
    code = TextFilter()
    state = django_filters.ChoiceFilter(choices=BacktestState.choices)
    created_by = TextFilter(label="E-mail of who asked.")


class TermsRequest(serializers.Serializer):
    since = serializers.DateTimeField(help_text="First moment of the period, by when events happened.")
    until = serializers.DateTimeField(help_text="Its end, not included.")
    labels = serializers.ChoiceField(
        BacktestLabels.choices,
        default=BacktestLabels.FINAL,
        help_text="`final`: every label known now; `as_known`: only those known at the cut-off.",
    )
    cut_off = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Of `as_known`; the end of the period unless given."
    )
    alert_cost = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=0, required=False,
        help_text="Cost of working an alert, in the reporting currency; see BACKTEST_ALERT_COST.",
    )  # fmt: skip
    friction_share = serializers.FloatField(
        min_value=0, max_value=1, required=False,
        help_text="Share of a good amount held that holding it costs; see BACKTEST_FRICTION_SHARE.",
    )  # fmt: skip


class RuleBacktestRequest(TermsRequest):
    wording = serializers.ChoiceField(
        ("draft", "active"), default="draft", help_text="Which wording of the rule."
    )


class BacktestRequest(TermsRequest):
    engine = Text(max_length=16)
    definition = serializers.JSONField(help_text="A rule as data, see docs/RULES.md.")


class BacktestBody(serializers.Serializer):
    id = serializers.IntegerField()
    engine = serializers.CharField()
    rule = serializers.IntegerField(source="rule_id", allow_null=True)
    code = serializers.CharField()
    state = serializers.ChoiceField(BacktestState.choices)
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    labels = serializers.ChoiceField(BacktestLabels.choices)
    cut_off = serializers.DateTimeField(allow_null=True)
    alert_cost = serializers.DecimalField(max_digits=12, decimal_places=2)
    friction_share = serializers.FloatField()
    rows_done = serializers.IntegerField()
    rows_total = serializers.IntegerField()
    rows_per_second = serializers.FloatField(allow_null=True)
    seconds_left = serializers.FloatField(allow_null=True)
    error = serializers.CharField(allow_blank=True)
    digest = serializers.CharField(help_text="Of the wording; another one means that the result is stale.")
    wording_saved_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class BacktestDetail(BacktestBody):
    definition = serializers.DictField()
    result = serializers.DictField(allow_null=True, help_text="Figures, see docs/RULES.md; null until done.")


class BacktestPage(Page):
    results = BacktestBody(many=True)


class Backtests(ApiView):
    abilities = {"GET": Ability.READ, "POST": Ability.DRAFT_RULES}

    @extend_schema(
        operation_id="list_backtests",
        summary="Backtests, newest first",
        parameters=[*documented(BacktestFilter), *DOCUMENTED],
        responses=BacktestPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(BacktestFilter, request, Backtest.objects.defer("result", "hits", "definition"))
        return Response(page(request, found, lambda backtest: BacktestBody(backtest).data))

    @extend_schema(
        operation_id="start_backtest",
        summary="Replay a free wording over stored decisions",
        request=BacktestRequest,
        responses={202: BacktestBody},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        person, given = _person(request), validated(BacktestRequest, request)
        engine, definition = given.pop("engine"), given.pop("definition")
        return _started(request, person, given, engine=engine, wording=Wording(definition))


class RuleBacktests(ApiView):
    abilities = {"POST": Ability.DRAFT_RULES}
    conflicts = {"POST": "The rule has no draft, or no active version."}

    @extend_schema(
        operation_id="start_rule_backtest",
        summary="Replay the draft or the active version of a rule",
        request=RuleBacktestRequest,
        responses={202: BacktestBody},
    )
    @idempotent
    def post(self, request: Request, rule_id: int) -> Response:
        person, given = _person(request), validated(RuleBacktestRequest, request)
        rule = Rule.objects.filter(pk=rule_id).first()
        if rule is None:
            raise Http404
        wording = wording_of(rule, given.pop("wording"))
        return _started(request, person, given, engine=rule.engine, wording=wording, rule=rule)


class OneBacktest(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="show_backtest", summary="One backtest with its figures", responses=BacktestDetail
    )
    def get(self, request: Request, backtest_id: int) -> Response:
        return Response(BacktestDetail(_existing(backtest_id)).data)


class CancelBacktest(ApiView):
    abilities = {"POST": Ability.DRAFT_RULES}
    conflicts = {"POST": ENDED}

    @extend_schema(
        operation_id="cancel_backtest",
        summary="Call a waiting or running backtest off",
        request=None,
        responses={200: BacktestBody},
    )
    @idempotent
    def post(self, request: Request, backtest_id: int) -> Response:
        person = _person(request)
        _existing(backtest_id)
        cancelled = cancel_backtest(
            backtest_id=backtest_id,
            acting_user=person,
            request_id=request_id_of(request),
        )
        return Response(BacktestBody(cancelled).data)


class BacktestHits(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="export_backtest_hits",
        summary="Events that the wording or the active version hits, as CSV",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, backtest_id: int) -> HttpResponse:
        backtest = _existing(backtest_id)
        answer = StreamingHttpResponse(hits_csv(backtest), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="backtest-{backtest.pk}-hits.csv"'
        return answer


def _started(
    request: Request,
    person: User,
    given: dict[str, Any],
    *,
    engine: str,
    wording: Wording,
    rule: Rule | None = None,
) -> Response:
    backtest = start_backtest(
        definition=wording.definition,
        engine=engine,
        terms=Terms(**given),
        acting_user=person,
        rule=rule,
        wording_saved_at=wording.saved_at,
        request_id=request_id_of(request),
    )
    return Response(BacktestBody(backtest).data, status=202)


def _existing(backtest_id: int) -> Backtest:
    backtest = Backtest.objects.filter(pk=backtest_id).first()
    if backtest is None:
        raise Http404
    return backtest


def _person(request: Request) -> User:
    """Backtests count against a person's limit and carry their name."""
    return person_only(request, "Backtests are asked for")
