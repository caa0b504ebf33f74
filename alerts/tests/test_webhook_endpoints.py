"""Endpoints: what they cannot be, their secrets, and what switches them off."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from standardwebhooks import Webhook

from alerts.models import (
    SystemAlert,
    WebhookDelivery,
    WebhookEndpoint,
)
from alerts.services.outbox import relay_outbox
from alerts.services.webhooks import (
    EndpointConflict,
    EndpointRefused,
    change_endpoint,
    delete_endpoint,
    deliver_webhooks,
    new_endpoint,
    replay,
    rotate_secret,
    send_test,
)
from alerts.services.webhooks.replaying import ReplayRefused
from alerts.tests.webhook_messages import tell
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"url": "ftp://example.com"}, "url"),
        ({"url": "http://example.com"}, "url"),
        ({"url": "https://user:pw@example.com"}, "url"),
        ({"url": "https://example.com/\x00"}, "url"),
        ({"url": "https://exämple.com/"}, "url"),
        ({"url": "https://example.com:99999/"}, "url"),
        ({"url": "https://[::1"}, "url"),
        ({"url": "https://" + "a" * 3000}, "url"),
        ({"events": []}, "events"),
        ({"events": ["alert.vanished"]}, "events"),
        ({"description": "x" * 201}, "description"),
        ({"description": "\ud800"}, "description"),
    ],
)
def test_what_an_endpoint_cannot_be(admin, settings, values, field):
    settings.WEBHOOK_ALLOW_HTTP = False
    good = {"url": "https://example.com/hook", "events": ["alert.created"]}
    with pytest.raises(EndpointRefused) as refused:
        new_endpoint(**good | values, acting_user=admin)
    assert refused.value.field == field
    assert not WebhookEndpoint.objects.exists() and not AuditEvent.objects.exists()


def test_changes_know_what_was_seen_and_switching_off_gives_up_what_waits(endpoint, admin):
    made = endpoint()
    tell(1)
    change_endpoint(made.pk, seen=1, acting_user=admin, active=False)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.dead_reason) == ("dead", f"endpoint switched off by {admin.email}")
    with pytest.raises(EndpointConflict, match=admin.email):
        change_endpoint(made.pk, seen=1, acting_user=admin, active=True)
    with pytest.raises(ReplayRefused, match="switch it on"):
        replay(delivery.pk, acting_user=admin)
    with pytest.raises(EndpointRefused):
        send_test(made.pk, acting_user=admin)
    delete_endpoint(made.pk, acting_user=admin)
    with pytest.raises(EndpointConflict):
        rotate_secret(made.pk, acting_user=admin)
    actions = AuditEvent.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["webhook.created", "webhook.changed", "webhook.deleted"]


def test_days_of_failures_switch_it_off_and_people_are_told(receiver, endpoint, admin, settings):
    made = endpoint()
    receiver.answer = lambda received: 500
    days = timedelta(days=settings.WEBHOOK_DISABLE_DAYS)
    WebhookEndpoint.objects.update(failures=30, failing_since=timezone.now() - days)
    tell(1, 2)
    deliver_webhooks()
    made.refresh_from_db()
    assert not made.active and "failed for too many days" in made.off_reason
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"dead"}
    assert SystemAlert.objects.get().kind == f"webhook.disabled.{made.pk}"
    change_endpoint(made.pk, seen=made.revision, acting_user=admin, active=True)
    assert SystemAlert.objects.get().cleared_at is not None


def test_gone_switches_it_off_at_once(receiver, endpoint):
    made = endpoint()
    receiver.answer = lambda received: 410
    tell(1)
    deliver_webhooks()
    made.refresh_from_db()
    assert not made.active and "410" in made.off_reason


def test_a_test_goes_to_one_endpoint(receiver, endpoint, admin):
    made = endpoint()
    endpoint()
    send_test(made.pk, acting_user=admin)
    relay_outbox()
    assert deliver_webhooks() == 1
    assert json.loads(receiver.received[0].body)["type"] == "webhook.test"


def test_while_a_secret_rotates_both_are_good(receiver, endpoint, admin):
    made = endpoint()
    before = endpoint.secret
    _, after = rotate_secret(made.pk, acting_user=admin)
    tell(1)
    deliver_webhooks()
    got = receiver.received[0]
    for secret in (before, after):
        Webhook(secret).verify(got.body, got.headers)
    assert before != after and before not in str(WebhookEndpoint.objects.values())
    WebhookEndpoint.objects.update(former_secret_until=timezone.now() - timedelta(seconds=1))
    tell(2)
    deliver_webhooks()
    assert receiver.received[1].headers["webhook-signature"].count("v1,") == 1
    assert AuditEvent.objects.filter(action="webhook.secret_rotated").count() == 1
