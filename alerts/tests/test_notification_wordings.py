"""What messages say: names that are filled, broken wordings, values that would break a mail."""

import pytest
from django.core import mail

from alerts.models import (
    Notification,
    NotificationDelivery,
    NotificationTemplate,
    SystemAlert,
)
from alerts.services.notifying import bell, managing
from alerts.services.notifying.sending import deliver_notifications
from alerts.services.notifying.wording import SHIPPED, WordingRefused, check_wording, filled
from alerts.tests.people_messages import come_due, tell

pytestmark = pytest.mark.django_db


def test_wordings_are_filled_and_nothing_else():
    assert (
        filled("{{ count }} of {{what}}", "x", {"count": "3", "what": "{{ link }}"})[0] == "3 of {{ link }}"
    )
    for broken in ("{{ user.password }}", "{{ count|safe }}", "{% load x %}", "{{ nothing }}", "{{", " "):
        with pytest.raises(WordingRefused):
            check_wording("subject", broken)
    for subject, body in SHIPPED.values():
        check_wording(subject, body)


def test_an_admin_words_a_topic_and_a_broken_wording_gives_way_to_the_shipped_one(rule, analyst, admin):
    rule(channels=["in_app"])
    managing.save_wording(
        "alert.created", subject="Look: {{ alert }} <b>", body="{{ reason }}", acting_user=admin
    )
    tell()
    assert Notification.objects.get().title == "Look: A-1 <b>"
    bell.mark_read(acting_user=analyst)
    NotificationTemplate.objects.update(subject="{{ was_removed }}")  # as an upgrade might leave it
    tell(start=2)
    assert Notification.objects.filter(user=analyst).first().title == "Critical alert A-2: DRAIN"
    alert = SystemAlert.objects.get()
    assert (alert.engine, alert.kind) == ("notifications", "wording.alert.created")
    with pytest.raises(managing.NotifyingConflict):
        managing.save_wording("alert.created", subject="x", body="y", acting_user=admin, seen=0)
    managing.reset_wording("alert.created", acting_user=admin)
    assert not NotificationTemplate.objects.exists()
    alert.refresh_from_db()
    assert alert.cleared_at is not None  # its cause is gone


def test_what_cannot_be_worded_is_given_up_and_holds_up_no_other(rule, analyst, admin):
    rule(roles=["analyst", "admin"])
    tell()
    broken = NotificationDelivery.objects.get(destination=f"email:{admin.pk}")
    broken.tally = {"no.topic": {"count": 1}}
    broken.save()
    come_due()
    assert deliver_notifications() == 1
    broken.refresh_from_db()
    assert (broken.state, broken.dead_reason) == ("dead", "it cannot be worded: KeyError")
    assert mail.outbox[0].to == [analyst.email]


@pytest.mark.parametrize("break_", ["\r\n", "\x0c", "\x0b", "\x1c", "\x85", "\u2028"])
def test_a_name_cannot_add_a_header_to_a_mail_nor_hold_up_the_others(rule, analyst, admin, break_):
    rule(topic="case.created", roles=["analyst"])
    managing.save_wording("case.created", subject="{{ title }}", body="{{ title }}", acting_user=admin)
    tell(topic="case.created", title=f"one{break_}Bcc: eve@example.com")
    come_due()
    assert deliver_notifications() == 1
    sent = mail.outbox[0].message()
    assert sent["Subject"] == "one Bcc: eve@example.com" and sent["Bcc"] is None
    assert mail.outbox[0].recipients() == [analyst.email]
