"""Signed-in pages while the Redis store is away: they need PostgreSQL alone."""

import json

import pytest
from django.urls import reverse

from api import throttles
from dashboard.tests.test_session import sign_in
from logs import activity, backlog

NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture
def store_away(settings, drained, monkeypatch):
    """From here on nobody answers at the store's address, in cache, stream and request counts."""
    assert backlog.flush(20)  # what the decision had to tell
    settings.REDIS_URL = NOBODY
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": NOBODY}}
    activity.client.cache_clear()
    monkeypatch.setattr(throttles, "_away_until", 0.0)
    yield
    activity.client.cache_clear()


@pytest.fixture
def pages(drained):
    names = ("overview", "alerts", "alerts_latest", "transactions", "customers", "search", "live_state")
    event = drained.hits.get().assessment.transaction
    return [reverse(f"dashboard:{name}") for name in names] + [
        reverse("dashboard:alert", args=[drained.pk]),
        reverse("dashboard:transaction", args=[event.pk]),
        reverse("dashboard:customer", args=[drained.customer_id]),
    ]


def test_somebody_signs_in_reads_every_page_and_signs_out(client, analyst, pages, store_away):
    assert sign_in(client, analyst.email).status_code == 302
    assert {path: client.get(path).status_code for path in pages} == dict.fromkeys(pages, 200)
    assert client.post("/logout/").status_code == 302
    assert client.get("/").status_code == 302


def test_a_session_from_before_goes_on(signed_in, pages, request):
    client = signed_in("analyst")
    assert client.get("/").status_code == 200
    request.getfixturevalue("store_away")
    assert {path: client.get(path).status_code for path in pages} == dict.fromkeys(pages, 200)


def test_the_admin_site_opens(signed_in, store_away):
    assert signed_in("admin").get("/admin/").status_code == 200


def test_the_question_that_replaces_the_socket_is_answered_from_the_database(signed_in, drained, store_away):
    answer = signed_in("analyst").get(reverse("dashboard:live_state"), {"alert": "0"})
    told = json.loads(answer.content)
    assert told["decisions"] == []
    assert told["kpis"]["open_alerts"] == 1
    assert [alert["id"] for alert in told["alerts"]] == [drained.pk] == [told["newest_alert"]]


def test_requests_of_a_session_are_not_counted(signed_in, store_away, settings):
    settings.RATE_LIMIT_REQUESTS = 2
    client = signed_in("analyst")
    assert {client.get("/api/v1/transactions/").status_code for _ in range(4)} == {200}
