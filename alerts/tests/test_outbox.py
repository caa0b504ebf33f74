"""The outbox: told once, in order; kept and tried again while the store is away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import structlog
from django.db import connection
from django.utils import timezone

from alerts.models import OutboxMessage
from alerts.services import outbox
from alerts.services.fan_out import fan_out
from alerts.tasks import relay_outbox
from logs import activity

pytestmark = pytest.mark.django_db


@pytest.fixture
def store_away(settings):
    """A store that nobody answers at."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    activity.client.cache_clear()
    yield
    activity.client.cache_clear()


def written(*numbers):
    return OutboxMessage.objects.bulk_create(
        OutboxMessage(topic="alert.created", payload={"alert_id": number}) for number in numbers
    )


def told():
    """What live pages heard, oldest first."""
    return [message["data"]["alert_id"] for message in reversed(activity.recent("alert", limit=2_000))]


def test_messages_are_told_once_in_their_order():
    written(3, 1, 2)
    assert (outbox.relay_outbox(), relay_outbox()) == (3, 0)
    assert told() == [3, 1, 2]
    assert activity.recent("alert")[0]["data"] == {"topic": "alert.created", "alert_id": 2}
    assert not OutboxMessage.objects.filter(delivered_at__isnull=True).exists()
    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {0}


def test_more_than_a_batch_is_told_whole():
    written(*range(outbox.BATCH + 20))
    assert outbox.relay_outbox() == outbox.BATCH + 20
    assert told() == list(range(outbox.BATCH + 20))


def test_what_is_not_due_or_dead_waits():
    later, dead = written(1, 2)
    OutboxMessage.objects.filter(pk=later.pk).update(next_attempt_at=timezone.now() + timedelta(minutes=5))
    OutboxMessage.objects.filter(pk=dead.pk).update(dead_reason="gone")
    assert outbox.relay_outbox() == 0 and told() == []


@pytest.mark.parametrize("attempts", [0, 5])
def test_a_clock_set_back_holds_nothing(attempts):
    (row,) = written(1)
    ahead = timezone.now() + timedelta(hours=6)
    changes = {"next_attempt_at": ahead, "attempts": attempts}
    OutboxMessage.objects.filter(pk=row.pk).update(**changes | ({} if attempts else {"created_at": ahead}))
    assert outbox.relay_outbox() == 1 and told() == [1]


def test_a_message_that_cannot_be_relayed_is_given_up_and_holds_up_no_other():
    first, broken, last = (
        OutboxMessage.objects.create(topic="case.mention", payload=payload)
        for payload in ({"user_ids": []}, ["no", "fields"], {"user_ids": []})
    )
    with structlog.testing.capture_logs() as logged:
        fan_out()
    assert not OutboxMessage.objects.filter(relayed_at=None).exists()
    broken.refresh_from_db()
    assert broken.dead_reason == "it cannot be relayed: AttributeError"
    assert {row.dead_reason for row in OutboxMessage.objects.filter(pk__in=(first.pk, last.pk))} == {""}
    assert [entry["message"] for entry in logged if entry["event"] == "message_not_relayed"] == [broken.pk]


def test_while_the_store_is_away_messages_are_kept_for_later(store_away):
    written(1, 2)
    before = timezone.now()
    assert outbox.relay_outbox() == 0
    for message in OutboxMessage.objects.all():
        assert (message.attempts, message.delivered_at, message.dead_reason) == (1, None, "")
        assert timedelta(seconds=2) <= message.next_attempt_at - before < timedelta(seconds=60)
    assert outbox.relay_outbox() == 0
    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {1}  # not due yet


@pytest.mark.parametrize(("attempts", "wait"), [(3, 16), (11, 3600), (30, 3600)])
def test_each_wait_is_twice_as_long_up_to_an_hour(store_away, attempts, wait):
    written(1)
    OutboxMessage.objects.update(attempts=attempts)
    before = timezone.now()
    outbox.relay_outbox()
    waited = OutboxMessage.objects.get().next_attempt_at - before
    assert timedelta(seconds=wait) <= waited < timedelta(seconds=wait + 60)


def test_after_the_most_attempts_a_message_is_kept_as_dead(store_away):
    written(1)
    OutboxMessage.objects.update(attempts=outbox.MOST_ATTEMPTS - 1)
    outbox.relay_outbox()
    message = OutboxMessage.objects.get()
    assert message.attempts == outbox.MOST_ATTEMPTS and "refused" in message.dead_reason.lower()
    assert message.delivered_at is None


def test_what_waited_is_told_after_the_outage(settings):
    written(7)
    address, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    activity.client.cache_clear()
    assert outbox.relay_outbox() == 0
    settings.REDIS_URL = address
    activity.client.cache_clear()
    OutboxMessage.objects.update(next_attempt_at=timezone.now())
    assert outbox.relay_outbox() == 1 and told() == [7]


@pytest.mark.django_db(transaction=True)
def test_relays_side_by_side_tell_everything_once():
    written(*range(1_200))
    start = Barrier(3)

    def relay(_):
        try:
            start.wait(10)
            return outbox.relay_outbox()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        delivered = sum(pool.map(relay, range(3)))
    delivered += outbox.relay_outbox()
    assert delivered == 1_200 and sorted(told()) == list(range(1_200))
