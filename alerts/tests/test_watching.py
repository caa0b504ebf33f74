"""FraudGuard watches itself: thresholds, queues, components, and how many alerts are raised."""

from datetime import timedelta

import psutil
import pytest
from django.utils import timezone

from alerts.models import Alert, Heartbeat, OutboxMessage, SystemAlert
from alerts.services import raise_alerts
from alerts.services.delivering.waiting import database_now
from alerts.services.watching import beat, machine, processes, queues, spikes, watch
from logs import activity

pytestmark = pytest.mark.django_db


def kinds(findings):
    return {finding.kind for finding in findings if finding.wrong}


@pytest.fixture
def roomy(settings):
    """Thresholds that this machine does not reach."""
    settings.ALERT_CPU_THRESHOLD = settings.ALERT_MEMORY_THRESHOLD = settings.ALERT_DISK_THRESHOLD = 10_000
    return settings


def test_a_full_disk_is_told_once_with_figures_and_cleared(roomy):
    roomy.ALERT_DISK_THRESHOLD = 1
    assert "machine.disk" in kinds(watch(timezone.now()))
    watch(timezone.now())
    alert = SystemAlert.objects.get(kind="machine.disk")
    assert "threshold 1%" in alert.message and "GiB left" in alert.message
    assert OutboxMessage.objects.filter(payload__kind="machine.disk").count() == 1
    roomy.ALERT_DISK_THRESHOLD = 10_000
    watch(timezone.now())
    alert.refresh_from_db()
    assert alert.cleared_at is not None


def test_each_threshold_is_its_own(settings):
    settings.ALERT_CPU_THRESHOLD, settings.ALERT_MEMORY_THRESHOLD = 10_000, 0
    settings.ALERT_DISK_THRESHOLD = 10_000
    assert kinds(machine.machine()) == {"machine.memory"}
    assert psutil.disk_usage(str(machine.fullest_disk())).total > 0


def test_an_outbox_that_nobody_relays_is_told(settings):
    settings.ALERT_QUEUE_THRESHOLD = 3
    OutboxMessage.objects.bulk_create(OutboxMessage(topic="job.finished", payload={}) for _ in range(3))
    now = database_now()
    assert kinds(queues.outbox(now)) == set()
    OutboxMessage.objects.create(topic="job.finished", payload={})
    assert kinds(queues.outbox(now)) == {"queue.outbox"}
    OutboxMessage.objects.update(relayed_at=now)
    late = OutboxMessage.objects.create(
        topic="job.finished", payload={}, created_at=now - timedelta(minutes=16)
    )
    (finding, _) = queues.outbox(now)
    assert "1 messages wait" in finding.wrong and "16 minutes" in finding.wrong
    late.delete()


def test_a_celery_queue_that_grows_is_told(settings):
    from celery import current_app

    settings.ALERT_QUEUE_THRESHOLD = 2
    assert kinds(queues.tasks()) == set()
    with current_app.connection_for_write() as broker, broker.SimpleQueue("maintenance") as queue:
        for _ in range(3):
            queue.put({})
        assert kinds(queues.tasks()) == {"queue.tasks"}
        queue.clear()


def test_a_store_that_is_away_is_told_and_its_return_too(settings, roomy):
    address, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    activity.client.cache_clear()
    try:
        assert "component.store" in kinds(watch(timezone.now()))
    finally:
        settings.REDIS_URL = address
        activity.client.cache_clear()
    watch(timezone.now())
    assert SystemAlert.objects.get(kind="component.store").cleared_at is not None


def test_a_live_process_that_falls_silent_is_told_unless_it_was_taken_away_long_ago():
    now = database_now()
    assert kinds(processes.components(now)) == set()  # never heard of
    beat("live")
    assert kinds(processes.components(now)) == set()
    Heartbeat.objects.update(at=now - timedelta(minutes=4))
    assert kinds(processes.components(now)) == {"component.live"}
    Heartbeat.objects.update(at=now - timedelta(days=2))
    assert kinds(processes.components(now)) == set()


def test_a_gap_between_two_looks_is_told(roomy):
    watch(timezone.now())
    Heartbeat.objects.filter(name="watcher").update(at=database_now() - timedelta(minutes=40))
    assert "component.worker" in kinds(watch(timezone.now()))
    assert "40 minutes" in SystemAlert.objects.get(kind="component.worker").message
    assert "component.worker" not in kinds(watch(timezone.now()))


@pytest.mark.parametrize(
    ("current", "past", "wrong"),
    [
        (19, [0] * 14, False),  # few are no spike
        (20, [0] * 14, True),
        (300, [100] * 14, True),
        (299, [100] * 14, False),
        (120, [100, 100, 100, 900, 100, 100, 100], False),
        (350, [100, 101, 99, 900, 100, 102, 98], True),  # one wild day does not hide it
        (449, [10, 300, 20, 280, 15, 310, 12], False),  # days differ anyway
        (1_000, [1, 1, 1, 1], False),  # too few days to say
    ],
)
def test_what_is_a_spike(current, past, wrong):
    finding = spikes.judge(current, past)
    assert bool(finding.wrong) is wrong
    if wrong:
        assert f"{current:,} alerts in the last hour" in finding.wrong


def test_the_hour_is_compared_with_the_same_hour_of_past_days(suspicion):
    now = timezone.now()
    raise_alerts([suspicion(subject=f"old-{n}") for n in range(9)], at=now)
    for day, alert in enumerate(Alert.objects.order_by("pk"), start=1):
        Alert.objects.filter(pk=alert.pk).update(
            opened_at=now - timedelta(days=min(day, 8), minutes=5 if day < 9 else 600)
        )
    (quiet,) = spikes.volume(now)
    assert not quiet.wrong
    raise_alerts([suspicion(subject=f"new-{n}") for n in range(25)], at=now)
    (finding,) = spikes.volume(now)
    assert "25 alerts in the last hour; the same hour of the last" in finding.wrong
    assert "had 1 as a rule, 1 at most" in finding.wrong
