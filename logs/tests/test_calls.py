"""The API call log: every call once, bodies of a sample without secrets, no call kept waiting or failed."""

import json
from collections import deque
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from logs.models import ApiCall, SystemEvent
from logs.services import calls
from logs.services.calls import Call, buffer
from logs.services.calls.row import line_of
from logs.services.calls.writing import forget_values, purge_calls, write

pytestmark = pytest.mark.django_db
NOW = 1_800_000_000.25


def call(**changes):
    values = {
        "at": NOW,
        "caller_kind": "key",
        "caller": "shop (abcd1234)",
        "method": "POST",
        "route": "api/v1/transactions",
        "path": "/api/v1/transactions/",
        "status": 201,
        "latency_us": 4_321,
        "request_id": "req-00000001",
        "bytes_in": 240,
        "bytes_out": 900,
        "address": "203.0.113.9",
    }
    return Call(**(values | changes))


@pytest.fixture
def own_buffer(monkeypatch):
    """A buffer of this test alone, whose thread never comes to write."""
    monkeypatch.setattr(buffer, "EVERY_SECONDS", 3600)
    monkeypatch.setattr(buffer, "_buffer", None)
    monkeypatch.setattr(buffer, "at_end", lambda *given: None)
    yield
    if buffer._buffer is not None:
        buffer._buffer.ending.set()


@pytest.fixture
def logged(own_buffer, settings):
    settings.CALL_LOG_DAYS, settings.CALL_LOG_SAMPLE = 30, 0

    def drained():
        assert calls.drain()
        return list(ApiCall.objects.order_by("id"))

    return drained


def test_a_call_is_stored_as_it_was():
    write([call(), call(bytes_out=None, address="", request_body=None)])
    first, second = ApiCall.objects.order_by("id")
    assert first.at == datetime.fromtimestamp(NOW, UTC)
    assert (first.caller, first.status, first.latency_ms) == ("shop (abcd1234)", 201, 4.321)
    assert (first.address, first.bytes_in, first.bytes_out) == ("203.0.113.9", 240, 900)
    assert (second.address, second.bytes_out, second.request_body) == (None, None, None)


HOSTILE = "a\tb\nc\\N\\.\r\x00\ud800é" * 40


def test_whatever_a_caller_sends_becomes_a_row():
    names = ("caller", "method", "route", "path", "request_id", "address", "caller_kind")
    hostile = call(**dict.fromkeys(names, HOSTILE) | {"caller_kind": "a\tb"}, latency_us=10**12)
    write([hostile, call(bytes_in=10**30, request_body=b"\xff\x00\t{")])
    first, second = ApiCall.objects.order_by("id")
    assert first.path.startswith("a\tb\nc\\N\\.\r\ufffd?é") and first.address is None
    assert (first.latency_us, second.request_body) == (2**31 - 1, "\ufffd\ufffd\t{")


def test_sampled_bodies_hold_no_secret_and_no_card():
    body = {"password": "hunter2", "card": "4111 1111 1111 1111", "note": "key fg_abcd1234_0123456789abcdef"}
    line = line_of(
        call(request_body=json.dumps(body).encode(), response_body=b'{"secret": "whsec_abcdefgh"}')
    )
    for secret in ("hunter2", "4111 1111 1111 1111", "0123456789abcdef", "whsec_abcdefgh"):
        assert secret not in line
    assert len(line_of(call(request_body=b'"' + b"x" * 60_000 + b'"'))) < 17_000


def test_calls_of_the_api_are_noted_with_who_called(logged, as_person, as_key, anyone, payments_engine):
    as_key("read").get("/api/v1/transactions/", headers={"X-Request-ID": "trace-0001"})
    person = as_person("analyst")
    person.get("/api/v1/predictions/999999/")
    anyone.post("/api/v1/score/", {})
    anyone.get("/health")  # not below /api/
    read, missing, refused = logged()
    assert (read.caller_kind, read.caller.split(" ")[0], read.request_id) == ("key", "shop", "trace-0001")
    assert (read.method, read.route, read.status) == ("GET", "api/v1/transactions", 200)
    assert (missing.caller_kind, missing.caller, missing.status) == ("user", person.person.email, 404)
    assert missing.route == "api/v1/predictions/<id:prediction_id>"
    assert (refused.caller_kind, refused.caller, refused.status) == ("nobody", "", 401)
    assert read.bytes_out > 0 and read.request_body is None and read.latency_us > 0


def test_a_sampled_call_is_answered_as_ever_and_its_bodies_kept(
    logged, as_key, payment, settings, payments_engine
):
    settings.CALL_LOG_SAMPLE = 1
    sent = payment(card_token="4111111111111111")
    answer = as_key("ingest").post("/api/v1/transactions/", sent)
    broken = as_key("ingest").post("/api/v1/transactions/", "{", content_type="application/json")
    assert (answer.status_code, broken.status_code) == (201, 400)
    kept, wrong = logged()
    assert json.loads(kept.request_body)["transaction_id"] == sent["transaction_id"]
    assert "4111111111111111" not in kept.request_body + kept.response_body
    assert json.loads(kept.response_body)["decision"] == answer.json()["decision"]
    assert wrong.request_body == "{"


def test_bodies_of_sign_ins_and_large_ones_are_never_kept(logged, anyone, settings, as_key, payments_engine):
    settings.CALL_LOG_SAMPLE = 1
    anyone.post("/api/v1/token/", {"email": "a@example.com", "password": "hunter2"})
    as_key("ingest").post("/api/v1/transactions/", {"metadata": {"note": "x" * 70_000}})
    assert [each.request_body for each in logged()] == [None, None]


def test_nothing_is_noted_when_the_log_is_off(own_buffer, settings, anyone):
    settings.CALL_LOG_DAYS = 0
    anyone.get("/api/v1/health/")
    assert calls.drain() and not ApiCall.objects.exists()


def test_calls_wait_while_the_database_is_away_and_are_written_in_order(own_buffer, monkeypatch):
    def away(some):
        raise OperationalError("away")

    monkeypatch.setattr(buffer.connection, "close", lambda: None)
    monkeypatch.setattr(buffer, "write", away)
    for number in range(3):
        calls.add(call(request_id=f"req-0000000{number}"))
    assert not calls.drain()
    monkeypatch.setattr(buffer, "write", write)
    assert calls.drain()
    stored = ApiCall.objects.order_by("id").values_list("request_id", flat=True)
    assert list(stored) == ["req-00000000", "req-00000001", "req-00000002"]


def test_what_does_not_fit_is_dropped_counted_and_told(own_buffer, monkeypatch):
    monkeypatch.setattr(buffer, "LONGEST", 5)
    for _ in range(8):
        calls.add(call())
    assert calls.drain() and ApiCall.objects.count() == 5
    told = SystemEvent.objects.get(kind="calls.dropped")
    assert (told.level, told.detail) == ("warning", {"calls": 3})
    assert calls.drain() and SystemEvent.objects.filter(kind="calls.dropped").count() == 1


def test_a_fork_starts_with_an_empty_buffer_of_its_own(own_buffer, monkeypatch):
    calls.add(call())
    inherited = buffer._buffer
    monkeypatch.setattr(buffer.os, "getpid", lambda: -1)
    calls.add(call())
    assert buffer._buffer is not inherited
    assert (len(inherited.waiting), buffer._buffer.waiting) == (1, deque([call()]))
    buffer._buffer.ending.set()


def test_old_calls_go_and_an_erasure_takes_bodies_and_paths():
    write([call(at=NOW - 86_400), call(path="/api/v1/customers/C-77/", response_body=b'{"id": "C-78"}')])
    assert purge_calls(datetime.fromtimestamp(NOW, UTC) - timedelta(hours=1)) == 1
    assert forget_values(["", "C-7"]) == 1
    kept = ApiCall.objects.get()
    assert (kept.path, kept.response_body) == ("api/v1/transactions", None)
    assert forget_values([""]) == 0
