"""How the team does: backlog, times, precision, prevented loss; as JSON and as CSV."""

import csv
import io

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.selectors.shares import ENOUGH
from alerts.selectors.team import Team, as_rows, team_figures
from api.shapes import Minor
from api.v1.analytics import DAYS, AnalyticsView, since_of

SECONDS = "Seconds; null where there is nothing to tell."


class PrecisionBody(serializers.Serializer):
    """Of alerts that were decided: confirmed fraud of confirmed fraud and false positives."""

    n = serializers.IntegerField(help_text="Verdicts.")
    confirmed_fraud = serializers.IntegerField(source="hits")
    percent = serializers.SerializerMethodField()
    low = serializers.SerializerMethodField(help_text="95% Wilson interval.")
    high = serializers.SerializerMethodField()
    enough = serializers.BooleanField(help_text=f"Whether there are {ENOUGH} verdicts; else rates are null.")

    def get_percent(self, found) -> float | None:
        return round(found.value, 2) if found.enough else None

    def get_low(self, found) -> float | None:
        return round(found.low, 2) if found.enough else None

    def get_high(self, found) -> float | None:
        return round(found.high, 2) if found.enough else None


class GroupBody(serializers.Serializer):
    name = serializers.CharField()
    closed = serializers.IntegerField()
    late = serializers.IntegerField(help_text="Closed after they were due.")
    precision = PrecisionBody()
    p50_s = serializers.FloatField(allow_null=True, help_text=f"Median time to disposition. {SECONDS}")


class TeamBody(serializers.Serializer):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    open = serializers.IntegerField()
    overdue = serializers.IntegerField()
    snoozed = serializers.IntegerField()
    unassigned = serializers.IntegerField()
    at_stake = Minor(source="at_stake_minor")
    age_p50_s = serializers.FloatField(allow_null=True, help_text=SECONDS)
    age_p90_s = serializers.FloatField(allow_null=True, help_text=SECONDS)
    opened = serializers.IntegerField()
    closed = serializers.IntegerField()
    late = serializers.IntegerField()
    precision = PrecisionBody()
    disposition_p50_s = serializers.FloatField(allow_null=True, help_text=SECONDS)
    disposition_p90_s = serializers.FloatField(allow_null=True, help_text=SECONDS)
    prevented_loss = Minor(
        source="prevented_minor",
        help_text="Events behind confirmed fraud that were declined or held, each once.",
    )
    missed_loss = Minor(source="missed_minor", help_text="The same for events that were approved.")
    rules = GroupBody(many=True)
    analysts = GroupBody(many=True)


def _figures(request: Request) -> Team:
    now = timezone.now()
    return team_figures(start=since_of(request), end=now, now=now)


class TeamFigures(AnalyticsView):
    @extend_schema(
        operation_id="team_figures", summary="How the team does", parameters=[DAYS], responses=TeamBody
    )
    def get(self, request: Request) -> Response:
        return Response(TeamBody(_figures(request)).data)


class TeamExport(AnalyticsView):
    @extend_schema(
        operation_id="export_team_figures",
        summary="The same as CSV: section, name, figure, value",
        parameters=[DAYS],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponse:
        text = io.StringIO()
        csv.writer(text).writerows([("section", "name", "figure", "value"), *as_rows(_figures(request))])
        answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="team-{timezone.localdate()}.csv"'
        return answer
