"""Who is told of what, by bell, mail and channel: rules, wishes, storms, wordings, outages."""

from datetime import timedelta

import pytest
from django.core import mail

from alerts.models import (
    DeliveryAttempt,
    Notification,
    NotificationDelivery,
    OutboxMessage,
    WebhookDelivery,
)
from alerts.selectors.notifications import notifications_of, unread_count
from alerts.services.delivering.waiting import database_now
from alerts.services.fan_out import fan_out
from alerts.services.notifying import bell, managing, personal
from alerts.services.notifying.sending import deliver_notifications
from alerts.services.outbox import relay_outbox
from alerts.services.webhooks import new_endpoint
from alerts.tests.people_messages import come_due, smtp, tell
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_what_comes_while_unread_joins_and_what_comes_after_reading_does_not(analyst, person):
    tell(3)
    tell(2, start=4, severity="high")
    one = Notification.objects.get(user=analyst)
    assert one.count == 5 and one.title == "5 new alerts in 1 minute, 3 critical"
    assert bell.mark_read(acting_user=person("analyst"), notification_id=one.pk) == 0  # not theirs
    assert bell.mark_read(acting_user=analyst, notification_id=one.pk) == 1
    tell(start=9)
    assert Notification.objects.filter(user=analyst).count() == 2


def test_mail_goes_once_and_a_storm_is_one_mail(rule, analyst, settings):
    rule()
    with smtp(settings) as box:
        tell()
        come_due()
        assert deliver_notifications() == 1 and deliver_notifications() == 0
        assert b"Subject: Critical alert A-1: DRAIN" in box.messages[0].content
        assert box.messages[0].rcpt_tos == [analyst.email]
        tell(400, start=2)
        tell(82, start=500, severity="high")
        assert deliver_notifications() == 0  # one message a window
        waiting = NotificationDelivery.objects.get(state="gathering")
        assert 290 < (waiting.next_attempt_at - database_now()).total_seconds() <= 300
        come_due()
        assert deliver_notifications() == 1
        text = box.messages[1].content.decode()
        assert "482 new alerts in 1 minute, 400 critical" in text and "A-2, DRAIN, emptied" in text
    assert NotificationDelivery.objects.count() == 2


def test_smtp_away_for_an_hour_delivers_afterwards(rule, analyst, settings):
    rule()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False
    tell()
    for tries in range(1, 9):  # 10 s, 20 s, ... about an hour
        come_due()
        assert deliver_notifications() == 0
        row = NotificationDelivery.objects.get()
        assert (row.state, row.rounds, row.attempts) == ("pending", tries, tries)
    assert (row.next_attempt_at - row.scheduled_at).total_seconds() > 60 * 15
    with smtp(settings) as box:
        come_due()
        assert deliver_notifications() == 1
        assert f"<{row.message_key.hex}@".encode() in box.messages[0].content
    errors = list(DeliveryAttempt.objects.values_list("error", flat=True))
    assert len(errors) == 9 and errors[-1] == "" and "mail server" in errors[0]


def test_a_refused_mail_is_given_up_with_the_servers_words_and_can_be_sent_again(
    rule, analyst, admin, settings
):
    rule()
    with smtp(settings) as box:
        box.refusal = "554 no thanks"
        tell()
        come_due()
        NotificationDelivery.objects.update(rounds=31)
        assert deliver_notifications() == 0
        row = NotificationDelivery.objects.get()
        assert row.state == "dead" and "554" in row.dead_reason and "no thanks" in row.dead_reason
        box.refusal = ""
        assert personal.replay_dead_notifications(acting_user=admin) == 1
        assert deliver_notifications() == 1 and len(box.messages) == 1
    assert AuditEvent.objects.filter(action="notification.replayed").count() == 1


def test_who_left_is_not_written_to(rule, analyst):
    rule()
    tell()
    analyst.is_active = False
    analyst.save()
    come_due()
    assert deliver_notifications() == 0 and mail.outbox == []
    assert NotificationDelivery.objects.get().dead_reason == "the person is no longer active"


def test_a_mention_reaches_that_person_at_once(analyst, person):
    person("analyst")
    OutboxMessage.objects.create(
        topic="case.mention", payload={"user_ids": [analyst.pk], "case_id": 3, "comment_id": 5, "by": "Bo"}
    )
    relay_outbox()
    one = Notification.objects.get()
    assert (one.user, one.title, one.link) == (analyst, "Bo mentioned you in case K-3", "/cases/3/")
    assert deliver_notifications() == 1
    assert mail.outbox[0].to == [analyst.email]


@pytest.mark.parametrize("hundreds", [20, pytest.param(100, marks=pytest.mark.long)])
def test_a_storm_loses_nothing_and_is_one_message_for_each_person(rule, analyst, admin, hundreds):
    rule(channels=["in_app", "email"])
    new_endpoint(url="https://93.184.216.34/x", events=["alert.created"], acting_user=admin)
    high, critical = 90 * hundreds, 10 * hundreds
    tell(high, severity="high")
    tell(critical, start=high + 1)
    assert WebhookDelivery.objects.count() == 100 * hundreds
    assert not OutboxMessage.objects.filter(relayed_at=None).exists()
    row = NotificationDelivery.objects.get()
    assert row.count == 100 * hundreds
    assert row.tally["alert.created"]["severities"] == {"high": high, "critical": critical}
    assert Notification.objects.get(user=analyst).count == 100 * hundreds
    come_due()
    assert deliver_notifications() == 1
    subject = f"{100 * hundreds:,} new alerts in 1 minute, {critical:,} critical"
    assert mail.outbox[0].subject == subject


def test_relaying_a_batch_asks_the_database_as_often_whatever_its_size(
    rule, analyst, django_assert_max_num_queries
):
    rule(channels=["in_app", "email"])
    OutboxMessage.objects.bulk_create(
        OutboxMessage(topic="alert.created", payload={"alert_id": n, "severity": "high"})
        for n in range(1_500)
    )
    with django_assert_max_num_queries(30):
        fan_out()


def test_a_clock_set_back_does_not_hold_mail_for_hours(rule, analyst):
    rule()
    tell()
    hours = timedelta(hours=4)
    for row in NotificationDelivery.objects.all():
        row.scheduled_at, row.next_attempt_at = row.scheduled_at + hours, row.next_attempt_at + hours
        row.save()
    deliver_notifications()
    assert NotificationDelivery.objects.get().next_attempt_at - database_now() < timedelta(seconds=10)


def test_after_a_clock_was_set_back_a_storm_is_still_one_message(rule, analyst):
    rule()
    tell()
    ahead = database_now() + timedelta(hours=4)
    NotificationDelivery.objects.update(created_at=ahead, state="delivered")
    tell(start=2)
    come_due()
    assert deliver_notifications() == 1
    tell(start=3)
    waiting = NotificationDelivery.objects.get(state="gathering")
    assert waiting.next_attempt_at > database_now() + timedelta(minutes=4)


def test_a_mail_that_cannot_be_written_is_noted_and_the_next_one_goes(rule, analyst, admin):
    rule(roles=["analyst", "admin"])
    tell()
    NotificationDelivery.objects.filter(destination=f"email:{analyst.pk}").update(
        subject="a\x0cBcc: x", body="b"
    )
    come_due()
    assert deliver_notifications() == 1 and mail.outbox[0].to == [admin.email]
    assert "HeaderParseError" in DeliveryAttempt.objects.exclude(error="").get().error


def test_that_a_report_is_due_is_not_told_to_who_may_no_longer_read_reports(chat, admin, person):
    former = person("auditor")
    managing.new_channel(name="own", url=f"json://{chat.host}/", acting_user=admin, owner=former)
    OutboxMessage.objects.create(
        topic="report.due", payload={"case_id": 3, "due_on": "2026-03-02", "user_ids": [former.pk]}
    )
    relay_outbox()
    assert (notifications_of(former).count(), unread_count(former)) == (1, 1)
    former.role = "analyst"
    former.save()
    come_due()
    assert deliver_notifications() == 0 and mail.outbox == [] and chat.received == []
    reasons = NotificationDelivery.objects.values_list("state", "dead_reason")
    assert list(reasons) == [("dead", "the person may no longer read reports")] * 2
    assert (notifications_of(former).count(), unread_count(former)) == (0, 0)
