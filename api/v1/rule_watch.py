"""What a rule did, by day: hits, alerts, precision, cost, what stands out, and its version in shadow."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.shapes import Minor
from api.v1.analytics import DAYS, days_of
from api.v1.monitoring import Interval
from api.v1.rules import existing_view
from api.views import ApiView
from fraud_detection.services.rule_watch import figures_of, shadow_figures
from users.roles import Ability


class RuleWatchDay(serializers.Serializer):
    day = serializers.DateField()
    events = serializers.IntegerField(help_text="Decisions of its engine.")
    hits = serializers.IntegerField()
    shadow_hits = serializers.IntegerField()
    alerts = serializers.IntegerField()
    labelled = serializers.IntegerField()
    frauds = serializers.IntegerField()
    amount = Minor(source="amount_minor", help_text="Of the events it hit.")


class RuleShadow(serializers.Serializer):
    number = serializers.IntegerField()
    since = serializers.DateTimeField()
    hits = serializers.IntegerField()
    also_active = serializers.IntegerField(help_text="Events that the active version hit too.")
    only_shadow = serializers.IntegerField()
    only_active = serializers.IntegerField()
    changed = serializers.IntegerField(help_text="Decisions that it would have changed.")
    would_approve = serializers.IntegerField()
    would_review = serializers.IntegerField()
    would_decline = serializers.IntegerField()
    mean_score = serializers.FloatField(allow_null=True)


class RuleOverlap(serializers.Serializer):
    rule = serializers.CharField()
    both = serializers.IntegerField()
    hits = serializers.IntegerField()
    share = serializers.FloatField(help_text="Containment: of its own hits, how many the other had too.")
    jaccard = serializers.FloatField(help_text="Both over either.")


class RuleWatchBody(serializers.Serializer):
    flags = serializers.DictField(child=serializers.CharField())
    hits_24h = serializers.IntegerField()
    last_hit_at = serializers.DateTimeField(allow_null=True)
    cost_us = serializers.FloatField(allow_null=True, help_text="An event, its own function timed alone.")
    cost_events = serializers.IntegerField(help_text="Stored events it was timed over.")
    overlap = RuleOverlap(allow_null=True)
    events = serializers.IntegerField()
    hits = serializers.IntegerField()
    alerts = serializers.IntegerField()
    amount = Minor(source="amount_minor")
    precision = Interval(help_text="Of labelled hits, how many were fraud.")
    days = RuleWatchDay(many=True)
    shadow = RuleShadow(allow_null=True)
    looked_at = serializers.DateTimeField(allow_null=True)


class WatchRule(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="watch_rule",
        summary="What a rule did by day, its cost, its flags, and its version in shadow",
        parameters=[DAYS],
        responses=RuleWatchBody,
    )
    def get(self, request: Request, rule_id: int) -> Response:
        view = existing_view(rule_id)
        figures = figures_of(view.rule, days=days_of(request), today=timezone.localdate())
        watch, candidate = view.watch, view.candidate
        body = {
            "flags": view.flags,
            "hits_24h": watch.hits_24h if watch else 0,
            "last_hit_at": watch.last_hit_at if watch else None,
            "cost_us": watch.cost_us if watch else None,
            "cost_events": watch.cost_events if watch else 0,
            "overlap": (watch.overlap if watch else None) or None,
            "events": figures.events,
            "hits": figures.hits,
            "alerts": figures.alerts,
            "amount_minor": figures.amount_minor,
            "precision": figures.precision.as_json(),
            "days": figures.days,
            "shadow": _shadow(candidate) if candidate else None,
            "looked_at": watch.looked_at if watch else None,
        }
        return Response(RuleWatchBody(body).data)


def _shadow(standing) -> dict:
    found = shadow_figures(standing, newest=0)
    names = ("since", "hits", "also_active", "only_shadow", "only_active", "changed")
    more = ("would_approve", "would_review", "would_decline", "mean_score")
    return {name: getattr(found, name) for name in (*names, *more)} | {"number": standing.version.number}
