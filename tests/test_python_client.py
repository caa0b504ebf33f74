"""The Python client against a running server, and against one that fails in every way a network can."""

import base64
import hashlib
import hmac
import json
import sys
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "clients/python/src"))

from fraudguard_client import (
    Conflict,
    FraudGuard,
    NotAllowed,
    NotFound,
    Refused,
    Retrying,
    TooManyRequests,
    Unavailable,
    WebhookRefused,
    verify_webhook,
)

AT_ONCE = Retrying(first=0.0, longest=0.0, patience=0.0)


@pytest.fixture
def fraud(live_server, payments_engine, api_key):
    with FraudGuard(live_server.url, api_key=api_key("ingest", "read", "labels")) as client:
        yield client


@pytest.mark.django_db(transaction=True)
def test_a_payment_from_decision_to_label(fraud, drain):
    body = drain(transaction_id="T/1 ä")
    decision = fraud.decide(body)
    assert decision["decision"] == "review" and decision["transaction_id"] == "T/1 ä"
    assert fraud.decide(body)["id"] == decision["id"]
    assert fraud.predict(drain(transaction_id="T-2"))["id"] is None
    assert fraud.transaction("T/1 ä")["transaction_id"] == "T/1 ä"
    assert [row["transaction_id"] for row in fraud.transactions()] == ["T/1 ä"]
    assert len(list(fraud.predictions(engine="payments"))) == len(list(fraud.alerts(status="open"))) == 1
    assert fraud.set_status("T/1 ä", "declined")["status"] == "declined"
    labelled = fraud.label("T/1 ä", "fraud", source="chargeback")
    assert labelled == {"transaction_id": "T/1 ä", "verdict": "fraud", "added": True}


@pytest.mark.django_db(transaction=True)
def test_many_at_once_and_page_by_page(fraud, payment):
    events = [payment(transaction_id=f"T-{number}") for number in range(7)]
    results = fraud.score([*events, payment(transaction_id="T-bad", amount=-1)])
    assert [r.get("decision", r.get("status")) for r in results[-2:]] == [results[-2]["decision"], 422]
    assert [row["transaction_id"] for row in fraud.transactions(limit=2)] == [
        f"T-{number}" for number in reversed(range(7))
    ]


@pytest.mark.django_db(transaction=True)
def test_what_is_wrong_comes_as_its_own_exception(fraud, live_server, drain):
    with pytest.raises(Refused) as refused:
        fraud.decide({"transaction_id": "T-1", "amount": "much"})
    assert {error["pointer"] for error in refused.value.errors} >= {"/amount", "/sender_id"}
    assert refused.value.request_id and "/amount" in str(refused.value)
    fraud.decide(drain(transaction_id="T-9"))
    with pytest.raises(Conflict):
        fraud.decide(drain(transaction_id="T-9", amount=1))
    with pytest.raises(NotFound):
        fraud.transaction("nothing")
    with FraudGuard(live_server.url, api_key="fg_no_no") as stranger, pytest.raises(NotAllowed):
        stranger.decide(drain())


class Network:
    """Answers with what it was given, one after the other, and remembers what was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def client(network, **given):
    return FraudGuard("http://server", transport=httpx.MockTransport(network), retrying=AT_ONCE, **given)


def test_what_fails_on_the_way_is_sent_again_under_the_same_key():
    network = Network(
        httpx.ConnectError("away"),
        httpx.Response(503, json={"title": "away"}, headers={"Retry-After": "1"}),
        httpx.Response(409, json={}, headers={"Retry-After": "1"}),  # the first attempt is still running
        httpx.Response(429, json={}),
        httpx.Response(201, json={"id": 1}),
    )
    assert client(network).request("POST", "webhooks/", json={"url": "x"}) == {"id": 1}
    keys = {request.headers["Idempotency-Key"] for request in network.asked}
    assert len(network.asked) == 5 and len(keys) == 1
    assert {request.content for request in network.asked} == {b'{"url":"x"}'}


def test_an_event_is_known_by_its_id_and_needs_no_key():
    network = Network(httpx.Response(201, json={}))
    client(network).decide({"transaction_id": "T-1"})
    assert "Idempotency-Key" not in network.asked[0].headers


@pytest.mark.parametrize(
    ("answers", "kind", "asked"),
    [
        ([httpx.Response(503, text="<html>")] * 5, Unavailable, 5),
        ([httpx.ReadTimeout("slow")] * 5, Unavailable, 5),
        ([httpx.Response(429, json={})] * 5, TooManyRequests, 5),
        ([httpx.Response(409, json={})], Conflict, 1),
        ([httpx.Response(422, json={})], Refused, 1),
    ],
)
def test_it_gives_up_with_the_reason(answers, kind, asked):
    network = Network(*answers)
    with pytest.raises(kind):
        client(network).decide({})
    assert len(network.asked) == asked


SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()


def signed(body: bytes, at: int = 1_800_000_000, secret: bytes = b"k" * 24) -> dict[str, str]:
    mac = hmac.new(secret, f"m-1.{at}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(mac).decode()
    return {"Webhook-Id": "m-1", "webhook-timestamp": str(at), "webhook-signature": f"v1,AAAA {signature}"}


def test_a_signed_webhook_is_read_under_either_of_two_secrets():
    body = json.dumps({"type": "alert.created"}).encode()
    message = verify_webhook(signed(body), body, ["whsec_" + "A" * 32, SECRET], now=1_800_000_000)
    assert message == {"type": "alert.created"}


@pytest.mark.parametrize(
    ("headers", "body", "now"),
    [
        (signed(b"{}"), b"{} ", 1_800_000_000),
        (signed(b"{}", secret=b"other"), b"{}", 1_800_000_000),
        (signed(b"{}"), b"{}", 1_800_000_301),
        (signed(b"{}"), b"{}", 1_799_999_699),
        (signed(b"{}") | {"webhook-timestamp": "soon"}, b"{}", 1_800_000_000),
        ({}, b"{}", 1_800_000_000),
    ],
)
def test_anything_else_is_refused(headers, body, now):
    with pytest.raises(WebhookRefused):
        verify_webhook(headers, body, SECRET, now=now)
