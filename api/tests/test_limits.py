"""Request limits and what is answered when a store is away."""

import gc
import weakref

import pytest
import redis
from django.db import InterfaceError, OperationalError
from django.db.backends.utils import CursorWrapper
from rest_framework.test import APIClient

from api import throttles
from api.parsers import StrictJSONParser
from api.views import UnknownRoute, body_of
from logs import activity

pytestmark = pytest.mark.django_db
URL = "/api/v1/transactions/"


@pytest.fixture
def limited(settings, monkeypatch):
    def patient():  # a loaded machine must not look like a store that is away
        return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=20, socket_connect_timeout=20)

    monkeypatch.setattr(throttles, "_away_until", 0.0)
    monkeypatch.setattr(throttles, "client", patient)
    settings.RATE_LIMIT_REQUESTS, settings.RATE_LIMIT_WINDOW = 3, 86_400
    return settings


def test_strangers_are_counted_by_address(limited):
    answers = [APIClient().get("/api/v1/nothing", REMOTE_ADDR="10.0.0.1") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert {answer["RateLimit-Limit"] for answer in answers} == {"3"}
    assert answers[3]["Retry-After"] == answers[3]["RateLimit-Reset"]
    assert answers[3].json()["title"] == "Too many requests"
    assert APIClient().get("/api/v1/nothing", REMOTE_ADDR="10.0.0.2").status_code == 404


def test_people_are_counted_by_themselves(as_person, limited):
    one, two = as_person("analyst"), as_person("analyst")
    limited.RATE_LIMIT_REQUESTS = 3
    assert [one.get(URL).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert two.get(URL).status_code == 200


def test_guessing_keys_is_counted(limited):
    client = APIClient(headers={"X-API-Key": "fg_00000000_0"})
    assert [client.get(URL).status_code for _ in range(4)] == [401, 401, 401, 429]


def test_a_key_has_no_limit_unless_it_has_its_own(as_key, limited):
    free = as_key("read")
    answers = [free.get(URL) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit-Limit" not in answers[0]
    tight = as_key("read", rate_limit=2)
    assert {"429", "200"} == {str(tight.get(URL).status_code) for _ in range(5)}


def test_health_is_never_limited(limited):
    assert {APIClient().get("/api/v1/health/").status_code for _ in range(6)} == {200}


def test_without_the_store_requests_pass(limited, settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    activity.client.cache_clear()
    monkeypatch.setattr(throttles, "_away_until", 0.0)
    try:
        answers = [APIClient().get("/api/v1/nothing") for _ in range(6)]
    finally:
        activity.client.cache_clear()
    assert {answer.status_code for answer in answers} == {404}
    assert "RateLimit-Limit" not in answers[0]


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_a_503_with_retry_after(as_key, error, monkeypatch):
    client = as_key("read")
    client.get(URL)  # the key is known now

    def broken(*args, **kwargs):
        raise error("server closed the connection; password=secret")

    monkeypatch.setattr(CursorWrapper, "execute", broken)
    answer = client.get(URL)
    monkeypatch.undo()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "secret" not in answer.content.decode()


def test_an_unexpected_error_tells_nothing_of_itself(as_key, monkeypatch):
    client = as_key("read")
    client.get(URL)

    def broken(*args, **kwargs):
        raise ZeroDivisionError("secret of the house")

    monkeypatch.setattr(CursorWrapper, "execute", broken)
    answer = client.get(URL)
    monkeypatch.undo()
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert "secret" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()


def test_an_engine_that_was_never_set_up_is_a_503(as_key, payment):
    answer = as_key("ingest").post(URL, payment())
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert answer.json()["detail"] == "This engine has not been set up yet."


@pytest.mark.parametrize("route", ["token/", "token/refresh/", "token/revoke/"])
def test_strangers_may_send_little(route):
    answer = APIClient().post(f"/api/v1/{route}", {"email": "x" * 65_536})
    assert answer.status_code == 413
    assert answer.json()["detail"].endswith("at most 65,536 are accepted.")


@pytest.mark.parametrize(("route", "status"), [("labels/", 422), ("nothing/", 404)])
def test_a_refused_body_is_gone_with_the_answer(as_key, monkeypatch, route, status):
    """Without waiting for the garbage collector: it would let many megabytes stand."""
    parsed = []
    plain = StrictJSONParser.parse

    class Kept(dict):
        """Unlike a dict, it can be watched."""

    def parse(self, *given):
        body = Kept(plain(self, *given))
        parsed.append(weakref.ref(body))
        return body

    monkeypatch.setattr(StrictJSONParser, "parse", parse)
    monkeypatch.setattr(UnknownRoute, "post", lambda self, request: body_of(request) and self.get(request))
    client = as_key("labels")
    gc.disable()
    try:
        code = client.post(f"/api/v1/{route}", {"unknown": 1}).status_code
        gone = [reference() is None for reference in parsed]
    finally:
        gc.enable()
    assert (code, gone) == (status, [True])


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("get", "/api/v1/nothing/", None, 404),
        ("delete", "/api/v1/transactions/", None, 405),
        ("get", "/api/v1/transactions/?q=%00", None, 400),
        ("get", "/api/v1/transactions/?colour=red", None, 422),
        ("post", "/api/v1/transactions/", b"{}", 415),
        ("post", "/api/v1/transactions/", b"x" * 6_000_000, 413),
    ],
)
def test_every_refusal_counts_and_says_what_is_left(as_key, limited, method, path, body, status):
    client = as_key("read", "ingest", rate_limit=5)
    answer = client.generic(method.upper(), path, body or b"", content_type="text/plain")
    assert answer.status_code == status
    assert (answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == ("5", "4")
    assert 1 <= int(answer["RateLimit-Reset"]) <= 60


def test_a_key_past_its_own_limit_waits(as_key, limited):
    client = as_key("read", rate_limit=1)
    answer = [client.get(URL) for _ in range(3)][-1]
    assert (answer.status_code, answer["RateLimit-Remaining"]) == (429, "0")
    assert answer["Retry-After"] == answer["RateLimit-Reset"]
