"""Alerts: the queue, one alert with its hits, assigning and resolving."""

import django_filters
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import Alert, AlertStatus, Disposition, Severity
from alerts.selectors import alert_list
from alerts.services import assign_alert, resolve_alert
from api.authentication import person_of
from api.filters import ListFilter, TextFilter, documented, filtered
from api.pagination import DOCUMENTED, Page, page
from api.problems import Fault, Refused
from api.shapes import Minor, Text, Whole
from api.v1.predictions import StoredHit
from api.views import ApiView, validated
from users.models import User
from users.roles import Ability

STALE = "The alert was changed since the `version` that was sent, or is resolved already."
SHOWN_HITS = 100


class AlertFilter(ListFilter):
    status = django_filters.ChoiceFilter(choices=AlertStatus.choices)
    severity = django_filters.ChoiceFilter(choices=Severity.choices)
    disposition = django_filters.ChoiceFilter(choices=Disposition.choices)
    engine = TextFilter()
    family = TextFilter()
    rule = TextFilter()
    subject = TextFilter()
    customer = TextFilter(field_name="customer__external_id")
    assignee = TextFilter(field_name="assignee__email", label="E-mail of the assignee.")
    opened_after = django_filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = django_filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="lt")


class AlertBody(serializers.Serializer):
    id = serializers.IntegerField()
    engine = serializers.CharField()
    family = serializers.CharField()
    rule = serializers.CharField()
    subject_kind = serializers.CharField()
    subject = serializers.CharField()
    customer = serializers.CharField(source="customer.external_id", allow_null=True, default=None)
    severity = serializers.ChoiceField(Severity.choices)
    status = serializers.ChoiceField(AlertStatus.choices)
    risk_score = serializers.FloatField()
    amount = Minor(source="amount_minor", help_text="At stake, in the reporting currency.")
    reason = serializers.CharField()
    hit_count = serializers.IntegerField()
    opened_at = serializers.DateTimeField()
    last_hit_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    assignee = serializers.CharField(source="assignee.email", allow_null=True, default=None)
    disposition = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_by = serializers.CharField(source="resolved_by.email", allow_null=True, default=None)
    version = serializers.IntegerField(help_text="Send it back with an edit.")


class AlertPage(Page):
    results = AlertBody(many=True)


class AlertHit(StoredHit):
    assessment = serializers.IntegerField(source="assessment_id")
    transaction_id = serializers.CharField(source="assessment.external_id")


class AlertDetail(AlertBody):
    hits = serializers.SerializerMethodField(help_text=f"The newest {SHOWN_HITS}.")

    @extend_schema_field(AlertHit(many=True))
    def get_hits(self, alert: Alert) -> list[dict]:
        newest = alert.hits.select_related("assessment").order_by("-id")[:SHOWN_HITS]
        return AlertHit(newest, many=True).data


class ResolveRequest(serializers.Serializer):
    disposition = serializers.ChoiceField(Disposition.choices)
    note = Text(max_length=4000, help_text="Why; required.")
    version = Whole(min_value=1, max_value=2**31 - 1, help_text="The `version` you saw.")


class AssignRequest(serializers.Serializer):
    assignee = Text(
        max_length=254, allow_null=True, help_text="E-mail of an admin or analyst; null for nobody."
    )
    version = Whole(min_value=1, max_value=2**31 - 1, help_text="The `version` you saw.")


class Alerts(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="list_alerts",
        summary="Alerts, newest first",
        parameters=[*documented(AlertFilter), *DOCUMENTED],
        responses=AlertPage,
    )
    def get(self, request: Request) -> Response:
        return Response(
            page(request, filtered(AlertFilter, request, alert_list()), lambda alert: AlertBody(alert).data)
        )


class OneAlert(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(operation_id="show_alert", summary="One alert with its hits", responses=AlertDetail)
    def get(self, request: Request, alert_id: int) -> Response:
        return Response(AlertDetail(_existing(alert_id)).data)


class ResolveAlert(ApiView):
    abilities = {"POST": Ability.WORK_ALERTS}
    conflicts = {"POST": STALE}

    @extend_schema(
        operation_id="resolve_alert",
        summary="Close an alert with a verdict",
        request=ResolveRequest,
        responses={200: AlertBody},
    )
    def post(self, request: Request, alert_id: int) -> Response:
        person, given = _person(request), validated(ResolveRequest, request)
        _existing(alert_id)
        resolve_alert(
            alert_id=alert_id,
            acting_user=person,
            disposition=given["disposition"],
            note=given["note"],
            seen_version=given["version"],
            request_id=getattr(request, "request_id", ""),
        )
        return Response(AlertBody(_existing(alert_id)).data)


class AssignAlert(ApiView):
    abilities = {"POST": Ability.WORK_ALERTS}
    conflicts = {"POST": STALE}

    @extend_schema(
        operation_id="assign_alert",
        summary="Give an alert to somebody, or to nobody",
        request=AssignRequest,
        responses={200: AlertBody},
    )
    def post(self, request: Request, alert_id: int) -> Response:
        person, given = _person(request), validated(AssignRequest, request)
        _existing(alert_id)
        assign_alert(
            alert_id=alert_id,
            acting_user=person,
            assignee=_assignee(given["assignee"]),
            seen_version=given["version"],
            request_id=getattr(request, "request_id", ""),
        )
        return Response(AlertBody(_existing(alert_id)).data)


def _existing(alert_id: int) -> Alert:
    alert = alert_list().filter(pk=alert_id).first()
    if alert is None:
        raise Http404
    return alert


def _person(request: Request) -> User:
    """Verdicts carry the name of a person."""
    person = person_of(request)
    if person is None:
        raise PermissionDenied("Alerts are worked by people; use a person's token.")
    return person


def _assignee(email: str | None) -> User | None:
    if email is None:
        return None
    found = User.objects.filter(email__iexact=email, is_active=True).first()
    if found is None or not found.can(Ability.WORK_ALERTS):
        raise Refused([Fault("/assignee", "unknown", "is not somebody who works alerts")])
    return found
