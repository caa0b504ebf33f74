"""Snoozes of rules for one entity."""

import django_filters
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.shapes import Text
from api.v1.alerts import person_who_works
from api.views import ApiView, validated
from fraud_detection.models import RuleSnooze
from fraud_detection.services.snoozing import end_snooze, snooze_rule
from users.roles import Ability


class SnoozeFilter(ListFilter):
    engine = TextFilter()
    rule = TextFilter()
    subject_kind = TextFilter()
    subject = TextFilter()
    standing = django_filters.BooleanFilter(method="that_stand", label="Only those that stand now, or not.")

    def that_stand(self, found: QuerySet[RuleSnooze], name: str, value: bool) -> QuerySet[RuleSnooze]:
        standing = Q(ended_at__isnull=True, until__gt=timezone.now())
        return found.filter(standing) if value else found.exclude(standing)


class SnoozeBody(serializers.Serializer):
    id = serializers.IntegerField()
    engine = serializers.CharField()
    rule = serializers.CharField()
    subject_kind = serializers.CharField()
    subject = serializers.CharField()
    reason = serializers.CharField()
    until = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_by = serializers.CharField(allow_blank=True)


class SnoozePage(Page):
    results = SnoozeBody(many=True)


class SnoozeRequest(serializers.Serializer):
    engine = Text(max_length=16)
    rule = Text(max_length=64)
    subject_kind = Text(max_length=16, help_text="As the hit says: sender, card, device, ...")
    subject = Text(max_length=128)
    reason = Text(max_length=500)
    until = serializers.DateTimeField(help_text="At most 365 days ahead.")


class RuleSnoozes(ApiView):
    abilities = {"GET": Ability.READ, "POST": Ability.WORK_ALERTS}

    @extend_schema(
        operation_id="list_rule_snoozes",
        summary="Snoozes of rules, newest first",
        parameters=[*documented(SnoozeFilter), *DOCUMENTED],
        responses=SnoozePage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(SnoozeFilter, request, RuleSnooze.objects.all())
        return Response(page(request, found, lambda snooze: SnoozeBody(snooze).data))

    @extend_schema(
        operation_id="snooze_rule",
        summary="Let a rule keep quiet about one entity; its hits are recorded all the same",
        request=SnoozeRequest,
        responses={201: SnoozeBody},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        person = person_who_works(request)
        given = validated(SnoozeRequest, request)
        made = snooze_rule(**given, acting_user=person, request_id=getattr(request, "request_id", ""))
        return Response(SnoozeBody(made).data, status=201)


class EndRuleSnooze(ApiView):
    abilities = {"POST": Ability.WORK_ALERTS}

    @extend_schema(
        operation_id="end_rule_snooze",
        summary="End a snooze before its time; repeating it changes nothing",
        request=None,
        responses={200: SnoozeBody},
    )
    @idempotent
    def post(self, request: Request, snooze_id: int) -> Response:
        person = person_who_works(request)
        try:
            ended = end_snooze(
                snooze_id=snooze_id, acting_user=person, request_id=getattr(request, "request_id", "")
            )
        except RuleSnooze.DoesNotExist:
            raise Http404 from None
        return Response(SnoozeBody(ended).data)
