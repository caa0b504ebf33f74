"""What the web processes counted since they started: as JSON for people, as text for Prometheus."""

from collections import defaultdict
from collections.abc import Iterator

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiTypes, extend_schema
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.samples import Sample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.metrics import registry
from api.views import ApiView
from logs.activity import recent
from users.roles import Ability

RECENT = 500


class RequestFigures(serializers.Serializer):
    total = serializers.IntegerField()
    by_status = serializers.DictField(child=serializers.IntegerField(), help_text="By class: 2xx, 4xx, ...")
    error_rate = serializers.FloatField(help_text="Share of answers of 500 and above.")
    mean_ms = serializers.FloatField(allow_null=True)


class MetricsBody(serializers.Serializer):
    requests = RequestFigures()
    decisions = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        help_text="By engine, then by decision.",
    )
    replays = serializers.IntegerField()
    degraded = serializers.IntegerField()
    recent_activity = serializers.IntegerField(
        help_text=f"Messages at hand for live pages, {RECENT} at most."
    )


class Metrics(ApiView):
    abilities = {"GET": Ability.READ_METRICS}

    @extend_schema(operation_id="metrics", summary="Counters as JSON", responses=MetricsBody)
    def get(self, request: Request) -> Response:
        samples = list(_samples())
        decisions: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for sample in samples:
            if sample.name == "fraudguard_decisions_total":
                decisions[sample.labels["engine"]][sample.labels["decision"]] += int(sample.value)
        return Response(
            {
                "requests": _requests(samples),
                "decisions": decisions,
                "replays": _total(samples, "fraudguard_replays_total"),
                "degraded": _total(samples, "fraudguard_degraded_total"),
                "recent_activity": len(recent(limit=RECENT)),
            }
        )


class Prometheus(ApiView):
    abilities = {"GET": Ability.READ_METRICS}

    @extend_schema(
        operation_id="prometheus",
        summary="Counters and histograms for Prometheus",
        responses={(200, "text/plain"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(generate_latest(registry()), content_type=CONTENT_TYPE_LATEST)


def _samples() -> Iterator[Sample]:
    for metric in registry().collect():
        yield from metric.samples


def _total(samples: list[Sample], name: str) -> int:
    return int(sum(sample.value for sample in samples if sample.name == name))


def _requests(samples: list[Sample]) -> dict:
    by_status: dict[str, int] = defaultdict(int)
    for sample in samples:
        if sample.name == "fraudguard_http_requests_total":
            by_status[f"{sample.labels['status'][0]}xx"] += int(sample.value)
    total = sum(by_status.values())
    timed = _total(samples, "fraudguard_http_request_seconds_count")
    seconds = sum(sample.value for sample in samples if sample.name == "fraudguard_http_request_seconds_sum")
    return {
        "total": total,
        "by_status": by_status,
        "error_rate": round(by_status.get("5xx", 0) / total, 4) if total else 0.0,
        "mean_ms": round(seconds / timed * 1000, 3) if timed else None,
    }
