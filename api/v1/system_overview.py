"""How loaded the machine and the queues are."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.services.watching import overview
from api.views import ApiView
from users.roles import Ability


class MachinePart(serializers.Serializer):
    name = serializers.ChoiceField(("cpu", "memory", "disk"))
    used_percent = serializers.FloatField(help_text="CPU: load over five minutes, more than 100 in a jam.")
    threshold_percent = serializers.IntegerField()
    ok = serializers.BooleanField()


class QueuePart(serializers.Serializer):
    name = serializers.CharField()
    waiting = serializers.IntegerField(allow_null=True, help_text="null: the broker does not answer.")
    threshold = serializers.IntegerField()
    ok = serializers.BooleanField()


class OutboxPart(serializers.Serializer):
    waiting = serializers.IntegerField(help_text="Messages not relayed yet; threshold + 1 at most.")
    threshold = serializers.IntegerField()
    oldest_seconds = serializers.FloatField(allow_null=True)
    ok = serializers.BooleanField()


class OverviewBody(serializers.Serializer):
    status = serializers.ChoiceField(("ok", "strained"))
    machine = MachinePart(many=True)
    queues = QueuePart(many=True)
    outbox = OutboxPart()


class SystemOverview(ApiView):
    """Of the machine that answers. Past a threshold there is also a system alert."""

    abilities = {"GET": Ability.READ_METRICS}

    @extend_schema(
        operation_id="system_overview",
        summary="CPU, memory, disk and queues against their thresholds",
        responses=OverviewBody,
    )
    def get(self, request: Request) -> Response:
        return Response(overview(timezone.now()))
