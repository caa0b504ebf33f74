"""Webhooks against a real receiver: signed, retried, paused, given up with a reason, replayed."""

import base64
import hashlib
import hmac
import json

import pytest
from standardwebhooks import Webhook

from alerts.models import (
    DeliveryAttempt,
    OutboxMessage,
    WebhookDelivery,
    WebhookEndpoint,
)
from alerts.services.delivering.waiting import MOST_ROUNDS, database_now
from alerts.services.outbox import relay_outbox
from alerts.services.webhooks import (
    change_endpoint,
    deliver_webhooks,
    replay,
    replay_dead,
)
from alerts.services.webhooks.replaying import ReplayRefused
from alerts.services.webhooks.subscribing import forget
from alerts.tests.webhook_messages import come_due, tell
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_what_is_sent_is_signed_as_standard_webhooks_says(receiver, endpoint):
    endpoint()
    tell(7)
    assert deliver_webhooks() == 1
    (got,) = receiver.received
    told = Webhook(endpoint.secret).verify(got.body, got.headers)  # an implementation that is not ours
    assert set(told) == {"type", "timestamp", "data"}
    assert (told["type"], told["data"]) == (
        "alert.created",
        {"alert_id": 7, "engine": "payments", "severity": "low"},
    )
    key = base64.b64decode(endpoint.secret.removeprefix("whsec_"))
    signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert got.headers["webhook-signature"] == f"v1,{expected}"
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts, got.path) == ("delivered", 1, "/hook")
    assert delivery.webhook_id == got.headers["webhook-id"]
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.status, attempt.error, attempt.webhook) == (204, "", delivery)


def test_each_message_has_one_delivery_for_each_endpoint_that_subscribes(receiver, endpoint, admin):
    first, second, other = endpoint(), endpoint("alert.created", "job.finished"), endpoint("case.created")
    off = endpoint()
    change_endpoint(off.pk, seen=1, acting_user=admin, active=False)
    tell(*range(30))
    relay_outbox()
    assert WebhookDelivery.objects.count() == 60
    assert deliver_webhooks() == 60 and deliver_webhooks() == 0
    assert len(receiver.received) == 60
    for one in (first, second):
        assert one.deliveries.filter(state="delivered").count() == 30
    assert not other.deliveries.exists() and not off.deliveries.exists()
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 60


def test_a_failure_is_tried_again_under_the_same_id_and_body(receiver, endpoint):
    made = endpoint()
    receiver.answer = lambda received: (500, {}, b"oops " * 1000)
    tell(1)
    assert deliver_webhooks() == 0
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.rounds, delivery.attempts) == ("pending", 1, 1)
    wait = (delivery.next_attempt_at - delivery.scheduled_at).total_seconds()
    assert 7.5 <= wait <= 12.5
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.status, attempt.error, len(attempt.response)) == (500, "answered 500", 500)
    made.refresh_from_db()
    assert (made.failures, made.last_error) == (1, "answered 500") and made.paused_until > database_now()
    assert deliver_webhooks() == 0 and len(receiver.received) == 1  # not due
    receiver.answer = lambda received: 200
    come_due()
    assert deliver_webhooks() == 1
    one, two = receiver.received
    assert one.body == two.body and one.headers["webhook-id"] == two.headers["webhook-id"]
    made.refresh_from_db()
    assert (made.failures, made.paused_until, made.failing_since) == (0, None, None)


def test_after_about_a_day_it_is_given_up_with_its_reason_and_can_be_replayed(receiver, endpoint, admin):
    made = endpoint()
    receiver.answer = lambda received: 503
    tell(1, 2)
    WebhookDelivery.objects.update(rounds=MOST_ROUNDS - 1)
    deliver_webhooks()
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"dead"}
    for delivery in WebhookDelivery.objects.all():
        assert "24 hours" in delivery.dead_reason and "answered 503" in delivery.dead_reason
    receiver.answer = lambda received: 200
    sent_before = {got.headers["webhook-id"] for got in receiver.received}
    WebhookEndpoint.objects.update(paused_until=None)
    one = WebhookDelivery.objects.order_by("pk").first()
    assert replay(one.pk, acting_user=admin).replayed_by == admin.email
    with pytest.raises(ReplayRefused, match="still being tried"):
        replay(one.pk, acting_user=admin)
    assert replay_dead(made.pk, acting_user=admin) == 1
    assert deliver_webhooks() == 2
    assert {got.headers["webhook-id"] for got in receiver.received} >= sent_before
    assert AuditEvent.objects.filter(action="webhook.replayed").count() == 2


def test_waits_double_up_to_an_hour_and_make_about_a_day():
    from alerts.services.delivering.waiting import FIRST_WAIT, LONGEST_WAIT

    waits = [min(FIRST_WAIT * 2 ** (n - 1), LONGEST_WAIT) for n in range(1, MOST_ROUNDS)]
    assert 23 * 3600 < sum(waits) < 26 * 3600


def test_a_receiver_may_ask_for_patience(receiver, endpoint):
    endpoint()
    receiver.answer = lambda received: (429, {"Retry-After": "900"}, b"")
    tell(1)
    deliver_webhooks()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.next_attempt_at - delivery.scheduled_at).total_seconds() == 900


def test_without_subscribers_decisions_write_nothing(
    receiver, endpoint, approving_engine, payment, client_system
):
    from fraud_detection.services.decisions import decide_payment, decide_payments

    forget()
    decide_payment(payment(), client=client_system)
    assert not OutboxMessage.objects.filter(topic="decision.made").exists()
    endpoint("decision.made")
    decide_payment(payment(transaction_id="T-1"), client=client_system)
    decide_payment(payment(transaction_id="T-1"), client=client_system)
    decide_payments([payment(transaction_id=f"B-{n}") for n in range(3)], client=client_system)
    relay_outbox()
    deliver_webhooks()
    told = [json.loads(got.body) for got in receiver.received]
    assert sorted(one["data"]["transaction_id"] for one in told) == ["B-0", "B-1", "B-2", "T-1"]
    assert {one["type"] for one in told} == {"decision.made"}
