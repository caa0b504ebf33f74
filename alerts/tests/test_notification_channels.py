"""Chats and pagers by Apprise, spoken to for real: their URLs are secrets, their addresses checked."""

from ipaddress import ip_network

import pytest

from alerts.models import (
    DeliveryAttempt,
    NotificationChannel,
    NotificationDelivery,
)
from alerts.services.notifying import managing
from alerts.services.notifying.channels import ChannelRefused
from alerts.services.notifying.sending import deliver_notifications
from alerts.tests.people_messages import come_due, tell
from alerts.tests.receivers import ALLOWED, dripping
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_a_channel_is_spoken_to_and_its_url_is_nowhere_to_be_read(rule, chat, admin, caplog):
    made = managing.new_channel(name="ops", url=f"json://user:s3cret@{chat.host}/hook", acting_user=admin)
    rule(roles=[], channels=[f"channel:{made.pk}"])
    chat.answer = lambda received: 500
    tell()
    come_due()
    assert deliver_notifications() == 0
    attempt = DeliveryAttempt.objects.get()
    assert "500" in attempt.error and "s3cret" not in attempt.error
    chat.answer = lambda received: 200
    come_due()
    assert deliver_notifications() == 1
    assert b"Critical alert A-1" in chat.received[-1].body
    everything = str(list(NotificationChannel.objects.values())) + str(list(AuditEvent.objects.values()))
    assert "s3cret" not in everything + caplog.text


def test_a_channel_does_not_reach_private_addresses(rule, chat, admin, settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    made = managing.new_channel(name="inside", url=f"json://{chat.host}/hook", acting_user=admin)
    rule(roles=[], channels=[f"channel:{made.pk}"])
    tell()
    come_due()
    assert deliver_notifications() == 0 and chat.received == []
    assert "private or reserved" in DeliveryAttempt.objects.get().error


@pytest.mark.parametrize(
    "url",
    [
        *("", "nothing", "mailto://a:b@example.com", "syslog://", "dbus://", "json://a\x00b", "x" * 3000),
        *("file:///etc/passwd", "macosx://", "windows://", "mqtt://localhost/topic", "gnome://"),
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?template=file:///etc/passwd",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js/?template=http://169.254.169.254/",
        "fcm://project/device?keyfile=file:///etc/passwd",
        "vapid://me@example.com/you@example.com?subfile=http://169.254.169.254/&keyfile=/etc/passwd",
        "nostr://" + "0" * 64 + "@10.0.0.1/",
    ],
)
def test_channels_that_cannot_be(admin, url):
    with pytest.raises(ChannelRefused) as refused:
        managing.new_channel(name="c", url=url, acting_user=admin)
    assert refused.value.field == "url" and not NotificationChannel.objects.exists()


def test_one_byte_at_a_time_does_not_hold_a_channel(rule, admin, settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network(ALLOWED)]
    settings.WEBHOOK_TIMEOUT_SECONDS = 0.2
    with dripping() as host:
        made = managing.new_channel(name="slow", url=f"json://{host}/", acting_user=admin)
        rule(roles=[], channels=[f"channel:{made.pk}"])
        tell()
        come_due()
        deliver_notifications()
    assert DeliveryAttempt.objects.get().latency_ms < 2_000


@pytest.mark.parametrize("status", [200, 302])
def test_a_gigabyte_of_an_answer_is_not_read(rule, chat, admin, status):
    made = managing.new_channel(name="big", url=f"json://{chat.host}/", acting_user=admin)
    rule(roles=[], channels=[f"channel:{made.pk}"])
    body = bytes(4_000_000)
    chat.answer = lambda received: (status, {"Content-Length": str(10**9)}, body)
    tell()
    come_due()
    assert deliver_notifications() == (status == 200)
    assert DeliveryAttempt.objects.get().latency_ms < 5_000


def test_of_two_notify_urls_the_one_that_works_is_told_once(rule, chat, settings):
    settings.NOTIFY_URLS = [f"json://{chat.host}/down", f"json://{chat.host}/up"]
    chat.answer = lambda received: 500 if received.path == "/down" else 200
    rule(roles=[], channels=["notify_urls"])
    tell()
    for _ in range(3):
        come_due()
        deliver_notifications()
    assert sorted(got.path for got in chat.received) == ["/down"] * 3 + ["/up"]
    states = NotificationDelivery.objects.order_by("destination").values_list("destination", "state")
    assert list(states) == [("notify_urls:1", "pending"), ("notify_urls:2", "delivered")]


def test_notify_urls_of_the_settings_are_a_channel(rule, chat, settings):
    settings.NOTIFY_URLS = [f"json://{chat.host}/env"]
    rule(roles=[], channels=["notify_urls"])
    tell(2)
    come_due()
    assert deliver_notifications() == 1
    assert b"2 new alerts" in chat.received[0].body
