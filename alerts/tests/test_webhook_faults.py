"""Receivers that hang, workers that are killed, clocks that jump: nothing is lost."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from alerts.models import (
    DeliveryAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from alerts.services.delivering.waiting import database_now
from alerts.services.webhooks import (
    change_endpoint,
    deliver_webhooks,
)
from alerts.tests.receivers import receiving
from alerts.tests.webhook_messages import come_due, tell

pytestmark = pytest.mark.django_db


def test_a_receiver_that_hangs_is_left_and_the_others_are_served(receiver, endpoint, settings):
    settings.WEBHOOK_TIMEOUT_SECONDS = 1
    with receiving() as slow:
        slow.answer = slow.hang
        hanging, quick = endpoint(url=slow.url), endpoint()
        tell(*range(25))
        assert deliver_webhooks() == 25
        assert len(slow.received) <= 4
    assert quick.deliveries.filter(state="delivered").count() == 25
    waiting = hanging.deliveries.filter(state="pending")
    assert waiting.count() == 25 and not waiting.filter(next_attempt_at__lte=database_now()).exists()
    assert "timed out" in {attempt.error for attempt in DeliveryAttempt.objects.exclude(error="")}
    hanging.refresh_from_db()
    assert hanging.paused_until > database_now()


def test_an_outage_amid_many_tries_is_one_failure(receiver, endpoint):
    made = endpoint()
    ended = threading.Barrier(8)

    def answer(received):
        if len(receiver.received) <= 30:
            return 204
        with contextlib.suppress(threading.BrokenBarrierError):
            ended.wait(5)  # eight fail side by side
        return 500

    receiver.answer = answer
    tell(*range(60))
    deliver_webhooks()
    made.refresh_from_db()
    assert made.failures == 1 and made.paused_until < database_now() + timedelta(seconds=15)
    assert not made.deliveries.filter(state="pending", next_attempt_at__lte=database_now()).exists()


def test_fifty_endpoints_of_which_all_but_one_hang(receiver, endpoint, settings):
    settings.WEBHOOK_TIMEOUT_SECONDS = 20
    messages = range(6)
    quick = endpoint(path="/quick")  # the oldest: the others come before it
    with receiving() as slow:
        slow.answer = slow.hang

        def answer(received):
            if len(receiver.received) == len(messages):
                slow.let_go.set()  # not before the quick one has everything
            return 204

        receiver.answer = answer
        for _ in range(49):
            endpoint(url=slow.url)
        tell(*messages)
        deliver_webhooks()
    assert quick.deliveries.filter(state="delivered").count() == 6
    assert not DeliveryAttempt.objects.exclude(error="").exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_switched_off_amid_a_run_gets_nothing_more(receiver, endpoint, admin):
    made = endpoint()

    def switch_off(received):
        if len(receiver.received) == 1:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(off).result()
        return 204

    def off():
        try:
            change_endpoint(made.pk, seen=1, active=False, acting_user=admin)
        finally:
            connection.close()

    receiver.answer = switch_off
    tell(*range(10))
    deliver_webhooks()
    assert len(receiver.received) == 1
    assert made.deliveries.filter(state="dead").count() == 9


def test_a_clock_set_back_or_forward_neither_loses_nor_floods(receiver, endpoint):
    made = endpoint()
    receiver.answer = lambda received: 500
    tell(*range(40))
    deliver_webhooks()
    hours = timedelta(hours=5)
    for delivery in WebhookDelivery.objects.all():  # as if written before the clock went back five hours
        delivery.scheduled_at += hours
        delivery.next_attempt_at += hours
        delivery.save()
    WebhookEndpoint.objects.update(paused_until=database_now() + hours)
    deliver_webhooks()
    for delivery in WebhookDelivery.objects.filter(state="pending"):
        assert delivery.next_attempt_at - database_now() < timedelta(seconds=30)
    tries = len(receiver.received)
    for delivery in WebhookDelivery.objects.all():  # forward: everything is due at once
        delivery.scheduled_at -= hours
        delivery.next_attempt_at -= hours
        delivery.save()
    WebhookEndpoint.objects.update(paused_until=None)
    deliver_webhooks()
    assert len(receiver.received) - tries == 1  # a probe; the rest waits with it
    receiver.answer = lambda received: 200
    come_due()
    assert deliver_webhooks() == 40
    assert made.deliveries.filter(state="delivered").count() == 40


def test_a_worker_killed_between_send_and_mark_sends_it_once_more_under_the_same_id(
    receiver, endpoint, monkeypatch
):
    """The kill in this process: the outcome is never noted. test_deliveries_long does it with kill -9."""
    from alerts.services.webhooks import sending

    endpoint()
    tell(1)

    class Killed(BaseException):
        pass

    def die(*args):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sending, "note", die)
        with pytest.raises(Killed):
            deliver_webhooks()
    assert len(receiver.received) == 1 and WebhookDelivery.objects.get().state == "pending"
    assert deliver_webhooks() == 0  # leased
    come_due()
    assert deliver_webhooks() == 1 and deliver_webhooks() == 0
    one, two = receiver.received
    assert one.headers["webhook-id"] == two.headers["webhook-id"]
    assert WebhookDelivery.objects.get().attempts == 2
