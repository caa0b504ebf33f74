"""Webhook pages: stored with a secret shown once, changed, tested, replayed."""

import pytest

from alerts.models import OutboxMessage, WebhookDelivery, WebhookEndpoint
from alerts.services.outbox import relay_outbox

pytestmark = pytest.mark.django_db
GOOD = {"url": "https://93.184.216.34/hook", "events": ["alert.created"], "description": "SIEM"}


@pytest.fixture
def admin_browser(client, admin):
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def endpoint(admin_browser):
    admin_browser.post("/webhooks/new/", GOOD)
    return WebhookEndpoint.objects.get()


def test_the_secret_is_shown_once(admin_browser):
    made = admin_browser.post("/webhooks/new/", GOOD)
    assert b"whsec_" in made.content and made["Cache-Control"] == "no-store"
    endpoint = WebhookEndpoint.objects.get()
    assert b"whsec_" not in admin_browser.get(f"/webhooks/{endpoint.pk}/").content
    assert b"whsec_" in admin_browser.post(f"/webhooks/{endpoint.pk}/rotate/").content
    assert b"SIEM" in admin_browser.get("/webhooks/").content


def test_what_is_refused_is_said_and_kept_in_the_form(admin_browser):
    answer = admin_browser.post("/webhooks/new/", GOOD | {"url": "https://10.0.0.1/hook"})
    assert answer.status_code == 422
    assert "private or reserved" in answer.content.decode() and "10.0.0.1/hook" in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_a_change_that_did_not_see_the_last_one_is_refused(admin_browser, endpoint):
    address = f"/webhooks/{endpoint.pk}/change/"
    assert admin_browser.post(address, GOOD | {"version": "1", "active": "on"}).status_code == 302
    stale = admin_browser.post(address, GOOD | {"version": "1", "events": ["case.closed"]})
    assert stale.status_code == 409 and "it is now at version 2" in stale.content.decode()
    endpoint.refresh_from_db()
    assert endpoint.events == ["alert.created"] and endpoint.active


def test_deliveries_show_their_tries_and_are_replayed(admin_browser, endpoint):
    OutboxMessage.objects.create(topic="alert.created", payload={"alert_id": 1})
    relay_outbox()
    delivery = WebhookDelivery.objects.get()
    WebhookDelivery.objects.update(state="dead", dead_reason="given up after about 24 hours")
    delivery.tries.create(latency_ms=12, error="connection refused")
    shown = admin_browser.get(f"/webhooks/{endpoint.pk}/?state=dead").content.decode()
    assert "given up after about 24 hours" in shown and "connection refused" in shown
    assert admin_browser.post(f"/webhooks/deliveries/{delivery.pk}/replay/").status_code == 302
    assert admin_browser.post(f"/webhooks/deliveries/{delivery.pk}/replay/").status_code == 409
    WebhookDelivery.objects.update(state="dead")
    assert admin_browser.post(f"/webhooks/{endpoint.pk}/replay/").status_code == 302
    assert WebhookDelivery.objects.get().state == "pending"


def test_a_test_is_queued_and_deleting_ends_it(admin_browser, endpoint):
    admin_browser.post(f"/webhooks/{endpoint.pk}/test/")
    assert WebhookDelivery.objects.get().event == "webhook.test"
    admin_browser.post(f"/webhooks/{endpoint.pk}/delete/")
    assert admin_browser.get(f"/webhooks/{endpoint.pk}/").status_code == 404
    assert WebhookDelivery.objects.get().state == "dead"
