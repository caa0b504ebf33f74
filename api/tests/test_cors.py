"""Browsers of the origins in the settings may call the API; others are told nothing."""

import pytest
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db
OURS, FOREIGN = "https://bank.example", "https://elsewhere.example"


@pytest.fixture(autouse=True)
def origins(settings):
    settings.CORS_ALLOWED_ORIGINS = [OURS]
    settings.RATE_LIMIT_REQUESTS = 1_000_000


def preflight(origin, path="/api/v1/transactions/"):
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,idempotency-key,x-api-key,x-request-id",
    }
    return APIClient().options(path, headers=asked)


@pytest.mark.parametrize("path", ["/api/v1/transactions/", "/api/score", "/api/v1/nothing/", "/health"])
def test_a_preflight_says_what_may_be_sent(path):
    answer = preflight(OURS, path)
    assert answer["Access-Control-Allow-Origin"] == OURS
    allowed = answer["Access-Control-Allow-Headers"].split(", ")
    assert {"authorization", "content-type", "idempotency-key", "x-api-key", "x-request-id"} <= set(allowed)
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= set(
        answer["Access-Control-Allow-Methods"].split(", ")
    )


def test_an_answer_shows_its_headers_to_the_page():
    answer = APIClient().get("/api/v1/transactions/", headers={"Origin": OURS})
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (401, OURS)
    exposed = set(answer["Access-Control-Expose-Headers"].split(", "))
    assert exposed == {
        "content-disposition", "idempotent-replayed", "ratelimit-limit", "ratelimit-remaining",
        "ratelimit-reset", "retry-after", "x-request-id",
    }  # fmt: skip
    assert "origin" in answer["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.parametrize(
    "origin", [FOREIGN, "null", f"{OURS}.elsewhere.example", OURS.replace("https", "http")]
)
def test_a_foreign_origin_is_told_nothing(origin):
    for answer in (preflight(origin), APIClient().get("/health", headers={"Origin": origin})):
        assert "Access-Control-Allow-Origin" not in answer


def test_pages_are_for_themselves_only():
    answer = APIClient().get("/login/", headers={"Origin": OURS})
    assert "Access-Control-Allow-Origin" not in answer
