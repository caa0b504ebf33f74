"""Alive, ready, services and metrics."""

import pytest
from django.utils import timezone

from api import parts
from fraud_detection.models import EngineState, ModelVersion
from logs import activity
from logs.backlog import flush

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/health", "/health/", "/api/health", "/api/v1/health/"])
def test_health_answers_everywhere_and_asks_nothing(anyone, path, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = anyone.get(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_not_ready_names_the_part(anyone, payments_engine):
    answer = anyone.get("/api/v1/ready/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json() == {
        "status": "not ready",
        "parts": {"database": True, "cache": True, "broker": True, "model": False, "migrations": True},
    }


def test_not_ready_without_the_store(anyone, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    activity.client.cache_clear()
    try:
        answer = anyone.get("/ready")
    finally:
        activity.client.cache_clear()
    assert answer.status_code == 503
    assert answer.json()["parts"]["cache"] is False
    assert answer.json()["parts"]["database"] is True


def test_ready_when_every_part_works(anyone, monkeypatch):
    monkeypatch.setitem(parts.CHECKS, "model", lambda: "payments-1")
    answer = anyone.get("/api/v1/ready/")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")


def test_a_model_that_cannot_be_loaded_is_not_ready(anyone, payments_engine):
    model = ModelVersion.objects.create(
        engine="payments", number=1, stage="champion", path="none.joblib", sha256="0" * 64, card={}
    )
    EngineState.objects.update(model=model, revision=2)
    assert anyone.get("/api/v1/ready/").json()["parts"]["model"] is False


@pytest.mark.parametrize("path", ["/services/status", "/api/services/status/"])
def test_services_tell_each_part_to_who_may_know(anyone, as_key, path):
    assert anyone.get(path).status_code == 401
    shown = as_key("read").get(path).json()
    assert [part["name"] for part in shown["services"]] == list(parts.CHECKS)
    assert all(part["latency_ms"] >= 0 for part in shown["services"])


def test_metrics_count_requests_and_decisions(as_key, payments_engine, payment):
    reader = as_key("read")
    before = reader.get("/api/v1/metrics/").json()
    as_key("ingest").post("/api/v1/transactions/", payment())
    assert flush(20)  # activity is published behind the decision's back
    after = reader.get("/api/v1/metrics/").json()
    assert after["requests"]["total"] == before["requests"]["total"] + 2
    made = [sum(figures["decisions"].get("payments", {}).values()) for figures in (before, after)]
    assert made[1] == made[0] + 1
    assert after["recent_activity"] == before["recent_activity"] + 1


def test_prometheus_counts_routes_not_addresses(as_key):
    reader = as_key("read")
    reader.get(f"/api/v1/customers/{timezone.now().timestamp()}/")
    text = reader.get("/api/v1/prometheus/").content.decode()
    assert 'route="api/v1/customers/<path:customer_id>",status="404"' in text
    assert 'fraudguard_http_request_seconds_bucket{le="0.001"' in text
