"""Alerts: the list, newest first or in the order of the queue, and one alert with its hits and history."""

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import Alert, AlertStatus, Disposition, Severity
from alerts.selectors import Step, alert_list, history_of
from alerts.selectors.queues import awake
from alerts.services import look_at
from api.authentication import person_of, person_only
from api.filters import ListFilter, TextFilter, documented, filtered
from api.pagination import DOCUMENTED, Page, page, ranked_page
from api.reading import note_read
from api.shapes import Minor
from api.v1.predictions import StoredHit
from api.views import ApiView
from users.models import User
from users.roles import Ability

STALE = "The alert was changed since the `version` that was sent, or is resolved already."
SHOWN_HITS = 100
ORDERS = (("newest", "Newest first"), ("priority", "Most urgent first"))


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
    queue = TextFilter(field_name="queue__name", label="Name of the queue.")
    snoozed = django_filters.BooleanFilter(method="by_snooze", label="Out of the queue now, or not.")
    order = django_filters.ChoiceFilter(
        choices=ORDERS,
        method="any_order",
        label="`priority`: most urgent first, as in the queue; default: newest first.",
    )

    def by_snooze(self, found: QuerySet[Alert], name: str, wanted: bool) -> QuerySet[Alert]:
        is_awake = awake(timezone.now())
        return found.filter(~is_awake if wanted else is_awake)

    def any_order(self, found: QuerySet[Alert], name: str, wanted: str) -> QuerySet[Alert]:
        return found  # the page puts rows in order


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
    queue = serializers.CharField(
        source="queue.name", allow_null=True, default=None, help_text="Null until it is placed."
    )
    priority = serializers.IntegerField(help_text="0-99 at this moment.")
    snoozed_until = serializers.DateTimeField(allow_null=True)
    escalated_at = serializers.DateTimeField(allow_null=True)
    disposition = serializers.CharField(allow_blank=True)
    reason_code = serializers.CharField(allow_blank=True)
    duplicate_of = serializers.IntegerField(source="duplicate_of_id", allow_null=True)
    note = serializers.CharField(allow_blank=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_by = serializers.CharField(source="resolved_by.email", allow_null=True, default=None)
    version = serializers.IntegerField(help_text="Send it back with an edit.")


class AlertPage(Page):
    results = AlertBody(many=True)


class AlertHit(StoredHit):
    assessment = serializers.IntegerField(source="assessment_id")
    transaction_id = serializers.CharField(source="assessment.external_id")


class AlertStep(serializers.Serializer):
    at = serializers.DateTimeField()
    who = serializers.CharField()
    what = serializers.CharField()
    detail = serializers.CharField(allow_blank=True, help_text="The reason or note that was given.")
    action = serializers.CharField()


class AlertDetail(AlertBody):
    new_hits = serializers.IntegerField(
        allow_null=True, default=None, help_text="Since you looked last; null the first time, and for keys."
    )
    history = serializers.SerializerMethodField(help_text="Every step since it was raised, newest first.")
    hits = serializers.SerializerMethodField(help_text=f"The newest {SHOWN_HITS}.")

    @extend_schema_field(AlertStep(many=True))
    def get_history(self, alert: Alert) -> list[Step]:
        return AlertStep(history_of(alert), many=True).data

    @extend_schema_field(AlertHit(many=True))
    def get_hits(self, alert: Alert) -> list[dict]:
        newest = alert.hits.select_related("assessment").order_by("-id")[:SHOWN_HITS]
        return AlertHit(newest, many=True).data


class Alerts(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="list_alerts",
        summary="Alerts, newest first",
        parameters=[*documented(AlertFilter), *DOCUMENTED],
        responses=AlertPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(AlertFilter, request, alert_list())
        if request.query_params.get("order") == "priority":
            return Response(ranked_page(request, found, "priority_key", lambda alert: AlertBody(alert).data))
        return Response(page(request, found, lambda alert: AlertBody(alert).data))


class OneAlert(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(operation_id="show_alert", summary="One alert with its hits", responses=AlertDetail)
    def get(self, request: Request, alert_id: int) -> Response:
        alert, person = existing(alert_id), person_of(request)
        since = look_at(alert, person, at=timezone.now()) if person else None
        alert.new_hits = since.hits if since else None
        note_read(request, alert.customer, "api: alert")
        return Response(AlertDetail(alert).data)


def existing(alert_id: int) -> Alert:
    alert = alert_list().filter(pk=alert_id).first()
    if alert is None:
        raise Http404
    return alert


def person_who_works(request: Request) -> User:
    """Verdicts carry the name of a person."""
    return person_only(request, "Alerts are worked")
