"""Decisions counted by outcome, today and in all."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import Alert, AlertStatus
from api.reports import today_and_all
from api.shapes import Minor
from api.views import ApiView
from users.roles import Ability


class ByDecision(serializers.Serializer):
    approve = serializers.IntegerField()
    review = serializers.IntegerField()
    decline = serializers.IntegerField()


class ByLevel(serializers.Serializer):
    low = serializers.IntegerField()
    medium = serializers.IntegerField()
    high = serializers.IntegerField()
    critical = serializers.IntegerField()


class Tally(serializers.Serializer):
    total = serializers.IntegerField()
    amount = Minor(source="amount_minor", help_text="In the reporting currency.")
    by_decision = ByDecision()
    by_level = ByLevel()


class StatisticsBody(serializers.Serializer):
    today = Tally()
    all = Tally()
    open_alerts = serializers.IntegerField()


class Statistics(ApiView):
    abilities = {"GET": Ability.READ_METRICS}

    @extend_schema(operation_id="statistics", summary="Decisions by outcome", responses=StatisticsBody)
    def get(self, request: Request) -> Response:
        today, everything = today_and_all(timezone.localdate())
        waiting = Alert.objects.filter(status=AlertStatus.OPEN).count()
        return Response(StatisticsBody({"today": today, "all": everything, "open_alerts": waiting}).data)
