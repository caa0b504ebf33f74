"""Pages of notifications: the bell, what was sent, rules, channels, wordings, wishes, system alerts."""

import pytest
from django.utils import timezone

from alerts.models import (
    Notification,
    NotificationChannel,
    NotificationDelivery,
    NotificationPreference,
    NotificationRule,
    NotificationTemplate,
    SystemAlert,
)
from alerts.services import raise_system_alert
from alerts.services.notifying.personal import send_notice
from alerts.services.outbox import relay_outbox
from dashboard.live.messages import message_of

pytestmark = pytest.mark.django_db
RULE = {
    "name": "mine",
    "topic": "alert.created",
    "min_severity": "high",
    "roles": ["analyst"],
    "channels": "in_app",
    "active": "on",
}


@pytest.fixture
def browser_of(client):
    def make(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def notice(admin):
    send_notice(
        "notice.fraud",
        title="<b>Ring</b>",
        message="m",
        severity="critical",
        actor=admin.email,
        actor_kind="user",
    )
    relay_outbox()


def test_the_bell_counts_and_a_click_reads(browser_of, analyst, notice):
    browser = browser_of(analyst)
    page = browser.get("/notifications/").content.decode()
    assert '<span class="n" id="bell-count">1</span>' in page
    assert "&lt;b&gt;Ring" in page and "<b>Ring" not in page
    bell = browser.get("/notifications/bell/").content.decode()
    assert "unread" in bell
    one = Notification.objects.get(user=analyst)
    assert browser.post(f"/notifications/{one.pk}/read/")["Location"] == "/notifications/"
    assert browser.get("/notifications/bell/").content.decode().count('class="unread"') == 0


def test_nobody_reads_what_is_told_to_others(browser_of, analyst, admin, notice):
    one = Notification.objects.get(user=admin)
    assert browser_of(analyst).post(f"/notifications/{one.pk}/read/").status_code == 404
    browser_of(analyst).post("/notifications/read/")
    assert Notification.objects.filter(read_at=None).get() == one


def test_the_live_feed_rings_only_whom_it_concerns():
    entry = {"id": "1-1", "kind": "notification", "at": "", "data": {"users": [3, 4]}}
    assert message_of([entry], 3)["bell"] is True
    assert "bell" not in message_of([entry], 5)


def test_what_was_sent_is_shown_and_sent_again(browser_of, admin, notice):
    browser = browser_of(admin)
    NotificationDelivery.objects.update(state="dead", dead_reason="mail server: refused")
    assert "mail server: refused" in browser.get("/notifications/sent/?state=dead").content.decode()
    first = NotificationDelivery.objects.first()
    browser.post(f"/notifications/sent/{first.pk}/replay/")
    browser.post("/notifications/sent/replay/")
    assert set(NotificationDelivery.objects.values_list("state", flat=True)) == {"pending"}


def test_rules_are_made_changed_and_deleted(browser_of, admin):
    browser = browser_of(admin)
    assert "as shipped" in browser.get("/notifications/rules/?new").content.decode()
    values = RULE | {"min_amount": "2,500.00", "roles": ["analyst"], "users": admin.email}
    assert browser.post("/notifications/rules/save/", values).status_code == 302
    rule = NotificationRule.objects.get(name="mine")
    assert (rule.min_amount_minor, list(rule.users.all())) == (250_000, [admin])
    assert "2,500.00" in browser.get(f"/notifications/rules/?edit={rule.pk}").content.decode()
    address = f"/notifications/rules/{rule.pk}/save/"
    assert browser.post(address, RULE | {"version": "9"}).status_code == 409
    assert browser.post(address, RULE | {"version": "1", "name": "ours"}).status_code == 302
    for wrong in ({"min_amount": "x"}, {"min_amount": "1e999"}, {"users": "nobody@example.com"}):
        assert browser.post("/notifications/rules/save/", RULE | wrong).status_code == 422, wrong
    browser.post(f"/notifications/rules/{rule.pk}/delete/")
    assert NotificationRule.objects.count() == 6


def test_a_refused_rule_keeps_what_was_typed(browser_of, admin):
    sent = RULE | {"name": "typed", "users": "nobody@example.com", "min_amount": "12.50", "engine": "aml"}
    answer = browser_of(admin).post("/notifications/rules/save/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422 and "nobody here has the address" in page
    for kept in ('value="typed"', 'value="nobody@example.com"', 'value="12.50"', "<option selected>aml"):
        assert kept in page
    refused = browser_of(admin).post("/notifications/rules/save/", RULE | {"engine": "payment"})
    assert refused.status_code == 422 and not NotificationRule.objects.exists()


def test_channels_are_stored_without_ever_showing_their_url(browser_of, admin):
    browser = browser_of(admin)
    made = browser.post(
        "/notifications/channels/new/", {"name": "ops", "url": "json://u:s3cret@10.0.0.1/x"}, follow=True
    )
    assert "ops" in made.content.decode() and "s3cret" not in made.content.decode()
    channel = NotificationChannel.objects.get()
    tried = browser.post(f"/notifications/channels/{channel.pk}/test/", follow=True).content.decode()
    assert "private or reserved" in tried and "s3cret" not in tried
    browser.post(f"/notifications/channels/{channel.pk}/off/")
    assert not NotificationChannel.objects.get().active
    browser.post(f"/notifications/channels/{channel.pk}/delete/")
    assert not NotificationChannel.objects.exists()
    refused = browser.post("/notifications/channels/new/", {"name": "x", "url": "nonsense"})
    assert refused.status_code == 422


def test_wordings_are_previewed_saved_and_reset(browser_of, admin):
    browser = browser_of(admin)
    address = "/notifications/wordings/many/"
    words = {"subject": "{{ count }} at once <i>", "body": "{{ first }}", "version": "0"}
    shown = browser.post(address, words | {"do": "preview"}).content.decode()
    assert "482 at once &lt;i&gt;" in shown and not NotificationTemplate.objects.exists()
    assert browser.post(address, words | {"do": "save"}).status_code == 302
    assert browser.post(address, words | {"do": "save"}).status_code == 409
    broken = browser.post(address, words | {"subject": "{% debug %}", "do": "save", "version": "1"})
    assert broken.status_code == 422
    assert browser.get("/notifications/wordings/nothing/").status_code == 404
    browser.post(address, words | {"do": "reset"})
    assert not NotificationTemplate.objects.exists()


def test_wishes_are_saved_and_refused_by_name(browser_of, analyst):
    browser = browser_of(analyst)
    wishes = {"topics": ["alert.created"], "digest": "daily", "digest_hour": "7", "email": "on"}
    assert browser.post("/settings/notifications/", wishes | {"quiet_from": "22:00", "quiet_until": "06:00"})
    stored = NotificationPreference.objects.get(user=analyst)
    assert "case.mention" in stored.muted_topics and "alert.created" not in stored.muted_topics
    assert (stored.digest, stored.digest_hour, stored.own_channels) == ("daily", 7, False)
    for wrong in (
        {"quiet_from": "25:00"},
        {"time_zone": "Mars"},
        {"digest_hour": "x"},
        {"quiet_from": "1:00"},
    ):
        assert browser.post("/settings/notifications/", wishes | wrong).status_code == 422, wrong
    assert 'value="22:00"' in browser.get("/settings/notifications/").content.decode()


def test_system_alerts_stand_on_the_overview(browser_of, admin, payments_engine, drain, client_system):
    from fraud_detection.services.decisions import decide_payment

    decide_payment(drain(), client=client_system)
    raise_system_alert(
        engine="system", kind="x", subject="x", severity="high", message="Disk is full", at=timezone.now()
    )
    browser = browser_of(admin)
    assert "Disk is full" in browser.get("/").content.decode()
    browser.post(f"/system/alerts/{SystemAlert.objects.get().pk}/acknowledge/")
    assert SystemAlert.objects.get().acknowledged_by == admin.email
