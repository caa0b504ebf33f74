"""Trends, patterns, risk and how well model and rules do, from stored decisions and labels."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api import reports
from api.pagination import refuse_unknown
from api.problems import Fault, Refused
from api.shapes import Minor
from api.v1.monitoring import Age, Interval
from api.v1.statistics import ByLevel
from api.views import ApiView
from fraud_detection.services.monitoring.reading import newest_calibrations, newest_outcomes
from transactions.models import Channel, TransactionType
from users.roles import Ability

MAX_DAYS = 366
ENOUGH = 20  # labelled events of each kind, below which rates say nothing
DAYS = OpenApiParameter("days", {"type": "integer", "minimum": 1, "maximum": MAX_DAYS, "default": 30})


def days_of(request: Request) -> int:
    """The days asked for, today included; raises Refused."""
    refuse_unknown(request, ("days",))
    text = request.query_params.get("days", "30")
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MAX_DAYS):
        raise Refused([Fault("/days", "out_of_range", f"must be a whole number from 1 to {MAX_DAYS}")])
    return int(text)


def since_of(request: Request) -> datetime:
    """The first moment of the period asked for."""
    return reports.midnight(timezone.localdate() - timedelta(days=days_of(request) - 1))


class AnalyticsView(ApiView):
    abilities = {"GET": Ability.READ_METRICS}


class Day(serializers.Serializer):
    day = serializers.DateField()
    total = serializers.IntegerField()
    approve = serializers.IntegerField()
    review = serializers.IntegerField()
    decline = serializers.IntegerField()
    amount = Minor(source="amount_minor")
    stopped_amount = Minor(source="stopped_amount_minor", help_text="Of reviewed and declined events.")


class TrendsBody(serializers.Serializer):
    days = Day(many=True)


class FraudTrends(AnalyticsView):
    @extend_schema(
        operation_id="fraud_trends", summary="Decisions by day", parameters=[DAYS], responses=TrendsBody
    )
    def get(self, request: Request) -> Response:
        today = timezone.localdate()
        found = reports.trends(today - timedelta(days=days_of(request) - 1), today)
        return Response(TrendsBody({"days": found}).data)


class Slice(serializers.Serializer):
    value = serializers.CharField(allow_null=True, help_text="Null: not given.")
    events = serializers.IntegerField()
    amount = Minor(source="amount_minor")
    not_approved = serializers.IntegerField()


class PatternsBody(serializers.Serializer):
    by_type = Slice(many=True)
    by_channel = Slice(many=True)
    by_country = Slice(many=True)
    by_hour = Slice(many=True)


class TransactionPatterns(AnalyticsView):
    @extend_schema(
        operation_id="transaction_patterns",
        summary="Payments by type, channel, country and local hour",
        parameters=[DAYS],
        responses=PatternsBody,
    )
    def get(self, request: Request) -> Response:
        found = reports.patterns(since_of(request))
        codes = {"type": TransactionType, "channel": Channel}
        slices = {
            f"by_{name}": [_slice(row, codes.get(name)) for row in rows] for name, rows in found.items()
        }
        return Response(PatternsBody(slices).data)


def _slice(row: tuple, enum: Any) -> dict[str, Any]:
    value, events, amount, stopped = row
    shown = enum(value).name.lower() if enum and value is not None else value
    return {"value": shown, "events": events, "amount_minor": int(amount), "not_approved": stopped}


class Bucket(serializers.Serializer):
    lower = serializers.IntegerField()
    upper = serializers.IntegerField(help_text="Excluded, but for 100.")
    decisions = serializers.IntegerField()


class RiskBody(serializers.Serializer):
    total = serializers.IntegerField()
    by_level = ByLevel()
    buckets = Bucket(many=True)


class RiskDistribution(AnalyticsView):
    @extend_schema(
        operation_id="risk_distribution",
        summary="Decisions by risk level and by risk score",
        parameters=[DAYS],
        responses=RiskBody,
    )
    def get(self, request: Request) -> Response:
        today = timezone.localdate()
        tally = reports.tally(reports.counts(today - timedelta(days=days_of(request) - 1), today))
        found = dict(reports.risk_buckets(since_of(request)))
        buckets = [{"lower": n * 10, "upper": n * 10 + 10, "decisions": found.get(n, 0)} for n in range(10)]
        return Response(RiskBody({**tally, "buckets": buckets}).data)


class ModelFigures(serializers.Serializer):
    model_version = serializers.CharField(allow_blank=True, help_text="Empty: decided by rules alone.")
    status = serializers.ChoiceField(("ok", "not enough data"))
    labelled = serializers.IntegerField()
    fraud = serializers.IntegerField()
    true_positives = serializers.IntegerField()
    false_positives = serializers.IntegerField()
    false_negatives = serializers.IntegerField()
    true_negatives = serializers.IntegerField()
    precision = serializers.FloatField(allow_null=True)
    recall = serializers.FloatField(allow_null=True)
    false_positive_rate = serializers.FloatField(allow_null=True)


class Week(serializers.Serializer):
    """Decisions made in one week, and what is known of them."""

    week = serializers.DateField(help_text="Its Monday, UTC.")
    decisions = serializers.IntegerField()
    stopped = serializers.IntegerField()
    labelled = serializers.IntegerField()
    fraud = serializers.IntegerField()
    maturity = serializers.FloatField(help_text="How much of LABEL_MATURITY_DAYS has passed, 0-1.")
    precision = Interval(help_text="Of stopped events with a label, how many were fraud.")
    released = Interval(help_text="Of labelled events released at random, how many were fraud.")


class ModelCalibration(serializers.Serializer):
    model_version = serializers.CharField()
    as_of = serializers.DateTimeField()
    ages = Age(many=True)


class PerformanceBody(serializers.Serializer):
    status = serializers.ChoiceField(("ok", "not enough data"))
    detail = serializers.CharField()
    models = ModelFigures(many=True)
    weeks = Week(many=True, help_text="Half a year of payments, as the models were last watched.")
    weeks_as_of = serializers.DateTimeField(allow_null=True)
    calibration = ModelCalibration(many=True)


class ModelPerformance(AnalyticsView):
    @extend_schema(
        operation_id="model_performance",
        summary="Decisions against what became known, by model version",
        parameters=[DAYS],
        responses=PerformanceBody,
    )
    def get(self, request: Request) -> Response:
        matrices: dict[str, dict[tuple[bool, bool], int]] = {}
        for version, suspected, fraud, events in reports.labelled_scores(since_of(request)):
            matrices.setdefault(version, {})[suspected, fraud] = events
        models = [_figures(version, matrix) for version, matrix in matrices.items()]
        ok = any(model["status"] == "ok" for model in models)
        detail = f"Rates are given from {ENOUGH} labelled frauds and {ENOUGH} labelled legitimate events on."
        found = {"status": "ok" if ok else "not enough data", "detail": detail, "models": models}
        return Response(PerformanceBody({**found, **_watched()}).data)


def _watched() -> dict[str, Any]:
    outcomes = newest_outcomes("payments")
    return {
        "weeks": outcomes.figures["weeks"] if outcomes else [],
        "weeks_as_of": outcomes and outcomes.as_of,
        "calibration": [
            {"model_version": one.model_version, "as_of": one.as_of, **one.figures}
            for one in newest_calibrations("payments")
        ],
    }


def _figures(version: str, matrix: dict[tuple[bool, bool], int]) -> dict[str, Any]:
    tp, fp = matrix.get((True, True), 0), matrix.get((True, False), 0)
    fn, tn = matrix.get((False, True), 0), matrix.get((False, False), 0)
    enough = tp + fn >= ENOUGH and fp + tn >= ENOUGH
    return {
        "model_version": version,
        "status": "ok" if enough else "not enough data",
        "labelled": tp + fp + fn + tn,
        "fraud": tp + fn,
        "true_positives": tp,
        "false_positives": fp,
        "false_negatives": fn,
        "true_negatives": tn,
        "precision": round(tp / (tp + fp), 4) if enough and tp + fp else None,
        "recall": round(tp / (tp + fn), 4) if enough else None,
        "false_positive_rate": round(fp / (fp + tn), 4) if enough else None,
    }


class RuleFigures(serializers.Serializer):
    rule = serializers.CharField()
    family = serializers.CharField()
    hits = serializers.IntegerField()
    alerts = serializers.IntegerField()
    labelled = serializers.IntegerField(help_text="Hits whose event has a label.")
    fraud = serializers.IntegerField()
    precision = serializers.FloatField(allow_null=True, help_text=f"Null below {ENOUGH} labelled hits.")


class RulesBody(serializers.Serializer):
    rules = RuleFigures(many=True)


class RulePerformance(AnalyticsView):
    @extend_schema(
        operation_id="rule_performance",
        summary="Hits, alerts and precision of each rule that fired",
        parameters=[DAYS],
        responses=RulesBody,
    )
    def get(self, request: Request) -> Response:
        return Response({"rules": [_rule(*row) for row in reports.rule_figures(since_of(request))]})


def _rule(rule: str, family: str, hits: int, alerts: int, labelled: int, fraud: int) -> dict[str, Any]:
    precision = round(fraud / labelled, 4) if labelled >= ENOUGH else None
    return {
        "rule": rule, "family": family, "hits": hits, "alerts": alerts, "labelled": labelled, "fraud": fraud,
        "precision": precision,
    }  # fmt: skip
