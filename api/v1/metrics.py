"""What the web processes counted since they started: as JSON for people, as text for Prometheus."""

from collections import defaultdict
from collections.abc import Iterator

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiTypes, extend_schema
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.samples import Sample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.metrics import registry
from api.stream_metrics import of_streams
from api.views import ApiView
from fraud_detection.services.background import background_figures
from fraud_detection.services.streaming.overview import overview
from logs.activity import recent
from users.roles import Ability

RECENT = 500


class RequestFigures(serializers.Serializer):
    total = serializers.IntegerField()
    by_status = serializers.DictField(child=serializers.IntegerField(), help_text="By class: 2xx, 4xx, ...")
    error_rate = serializers.FloatField(help_text="Share of answers of 500 and above.")
    mean_ms = serializers.FloatField(allow_null=True)


class StreamFigures(serializers.Serializer):
    lag = serializers.IntegerField(
        allow_null=True, help_text="Messages not given out; null: no consumer yet."
    )
    unacknowledged = serializers.IntegerField()
    letters_waiting = serializers.IntegerField(help_text="Messages that could not be decided.")


class CacheFigures(serializers.Serializer):
    """Look-ups of the Redis store since it started."""

    hits = serializers.IntegerField()
    misses = serializers.IntegerField()
    hit_rate = serializers.FloatField(allow_null=True)


class AuditFigures(serializers.Serializer):
    events = serializers.IntegerField(help_text="Written so far.")


class BatchFigures(serializers.Serializer):
    jobs = serializers.DictField(child=serializers.IntegerField(), help_text="By state.")
    rows_done = serializers.IntegerField()
    rows_failed = serializers.IntegerField()


class MetricsBody(serializers.Serializer):
    requests = RequestFigures()
    decisions = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        help_text="By engine, then by decision.",
    )
    replays = serializers.IntegerField()
    degraded = serializers.IntegerField()
    streams = StreamFigures()
    recent_activity = serializers.IntegerField(
        help_text=f"Messages at hand for live pages, {RECENT} at most."
    )
    cache = CacheFigures(allow_null=True, help_text="Null while the store is away.")
    audit = AuditFigures()
    notifications = serializers.DictField(
        child=serializers.IntegerField(), help_text="Made within 24 hours, by state."
    )
    webhooks = serializers.DictField(
        child=serializers.IntegerField(), help_text="Deliveries made within 24 hours, by state."
    )
    batches = BatchFigures()


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
                "streams": StreamFigures(overview()).data,
                "recent_activity": len(recent(limit=RECENT)),
                **background_figures(timezone.now()),
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
        content = generate_latest(registry()) + generate_latest(of_streams())
        return HttpResponse(content, content_type=CONTENT_TYPE_LATEST)


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
