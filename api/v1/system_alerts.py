"""What is wrong with FraudGuard itself."""

import django_filters
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import Severity, SystemAlert
from alerts.services import acknowledge_system_alert
from api.authentication import request_id_of
from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.v1.monitoring import Alarm
from api.v1.webhooks import person_who
from api.views import ApiView
from users.roles import Ability


class SystemAlertBody(Alarm):
    id = serializers.IntegerField()
    engine = serializers.CharField(help_text="What it concerns: an engine, system, webhooks, notifications.")
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    cleared_at = serializers.DateTimeField(allow_null=True)


class SystemAlertPage(Page):
    results = SystemAlertBody(many=True)


class SystemAlertFilter(ListFilter):
    open = django_filters.BooleanFilter(field_name="cleared_at", lookup_expr="isnull")
    engine = TextFilter()
    kind = TextFilter()
    severity = django_filters.ChoiceFilter(choices=Severity.choices)


class SystemAlerts(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="list_system_alerts",
        summary="System alerts, newest first",
        parameters=[*documented(SystemAlertFilter), *DOCUMENTED],
        responses=SystemAlertPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(SystemAlertFilter, request, SystemAlert.objects.all())
        return Response(page(request, found, lambda alert: SystemAlertBody(alert).data))


class AcknowledgeSystemAlert(ApiView):
    abilities = {"POST": Ability.MANAGE}

    @extend_schema(
        operation_id="acknowledge_system_alert",
        summary="Say that somebody has seen it; it stays open until its cause is gone",
        request=None,
        responses={200: SystemAlertBody},
    )
    @idempotent
    def post(self, request: Request, alert_id: int) -> Response:
        person = person_who(request)
        if not SystemAlert.objects.filter(pk=alert_id).exists():
            raise Http404
        acknowledge_system_alert(alert_id=alert_id, acting_user=person, request_id=request_id_of(request))
        return Response(SystemAlertBody(SystemAlert.objects.get(pk=alert_id)).data)
