"""What was asked, predicted and changed, and what happened to FraudGuard: the logs, searched."""

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import ListFilter, TextFilter, documented, filtered
from api.pagination import DOCUMENTED, Page, page
from api.v1.audit import AuditBody, AuditPage
from api.v1.predictions import PredictionBody, PredictionFilter, PredictionPage
from api.views import ApiView
from fraud_detection.models import Assessment
from logs.models import ApiCall, Level, SystemEvent
from logs.selectors.happenings import MODEL_ACTIONS, model_deeds
from users.roles import Ability


class CallFilter(ListFilter):
    caller = TextFilter(label="Exactly this person (e-mail) or key.")
    method = TextFilter()
    route = TextFilter(label="As in `route` of an answer, such as api/v1/transactions.")
    status = django_filters.NumberFilter()
    status_min = django_filters.NumberFilter(field_name="status", lookup_expr="gte")
    request_id = TextFilter()
    slower_than_ms = django_filters.NumberFilter(method="slower", label="Milliseconds.")
    after = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    before = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")

    def slower(self, queryset, name: str, value):
        return queryset.filter(latency_us__gt=min(max(int(value), 0), 2**31 // 1000) * 1000)


class CallBody(serializers.ModelSerializer):
    latency_ms = serializers.FloatField()

    class Meta:
        model = ApiCall
        fields = (
            "id", "at", "caller_kind", "caller", "method", "route", "path", "status", "latency_ms",
            "request_id", "bytes_in", "bytes_out", "address", "request_body", "response_body",
        )  # fmt: skip
        read_only_fields = fields


class CallPage(Page):
    results = CallBody(many=True)


class LogPredictionFilter(PredictionFilter):
    score_min = django_filters.NumberFilter(field_name="risk_score", lookup_expr="gte")
    score_max = django_filters.NumberFilter(field_name="risk_score", lookup_expr="lte")


class ModelDeedFilter(ListFilter):
    model = TextFilter(field_name="subject", label="A version, such as payments-3.")
    action = django_filters.ChoiceFilter(choices=[(name, name) for name in MODEL_ACTIONS])
    actor = TextFilter()
    after = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    before = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")


class SystemEventFilter(ListFilter):
    kind = TextFilter()
    component = TextFilter()
    level = django_filters.ChoiceFilter(choices=Level.choices)
    after = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    before = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")


class SystemEventBody(serializers.ModelSerializer):
    detail = serializers.DictField()

    class Meta:
        model = SystemEvent
        fields = ("id", "at", "kind", "component", "level", "text", "detail")
        read_only_fields = fields


class SystemEventPage(Page):
    results = SystemEventBody(many=True)


class Calls(ApiView):
    abilities = {"GET": Ability.READ_AUDIT}

    @extend_schema(
        operation_id="list_calls",
        summary="Calls of the API, newest first; bodies of a sample, without secrets",
        parameters=[*documented(CallFilter), *DOCUMENTED],
        responses=CallPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(CallFilter, request, ApiCall.objects.all())
        return Response(page(request, found, lambda call: CallBody(call).data))


class LoggedPredictions(ApiView):
    abilities = {"GET": Ability.READ_AUDIT}

    @extend_schema(
        operation_id="list_logged_predictions",
        summary="Stored assessments by engine, version, decision, score, customer and time, newest first",
        parameters=[*documented(LogPredictionFilter), *DOCUMENTED],
        responses=PredictionPage,
    )
    def get(self, request: Request) -> Response:
        stored = Assessment.objects.select_related("client", "customer").defer("features", "texts")
        found = filtered(LogPredictionFilter, request, stored)
        return Response(page(request, found, lambda assessment: PredictionBody(assessment).data))


class ModelVersionLog(ApiView):
    abilities = {"GET": Ability.READ_AUDIT}

    @extend_schema(
        operation_id="list_model_version_log",
        summary="Trainings, refusals and changes of stage of model versions, newest first",
        parameters=[*documented(ModelDeedFilter), *DOCUMENTED],
        responses=AuditPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(ModelDeedFilter, request, model_deeds())
        return Response(page(request, found, lambda event: AuditBody(event).data))


class SystemEvents(ApiView):
    abilities = {"GET": Ability.READ_AUDIT}

    @extend_schema(
        operation_id="list_system_events",
        summary="Starts, stops, migrations, settings, backups, alerts and seals, newest first",
        parameters=[*documented(SystemEventFilter), *DOCUMENTED],
        responses=SystemEventPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(SystemEventFilter, request, SystemEvent.objects.all())
        return Response(page(request, found, lambda event: SystemEventBody(event).data))
