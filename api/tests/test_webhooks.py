"""Webhooks over HTTP: made, changed, rotated, tested, deleted; deliveries read and replayed."""

from ipaddress import ip_network

import pytest

from alerts.models import OutboxMessage, WebhookDelivery, WebhookEndpoint
from alerts.services.outbox import relay_outbox
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db
URL = "/api/v1/webhooks/"
GOOD = {"url": "https://93.184.216.34/hook", "events": ["alert.created"]}


def test_the_life_of_an_endpoint(document, as_person):
    admin = as_person("admin")
    made = document.check(admin.post(URL, GOOD | {"description": "SIEM"}))
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    address = f"{URL}{made.json()['id']}/"
    shown = document.check(admin.get(address)).json()
    assert "secret" not in shown and made.json()["secret"] not in str(AuditEvent.objects.values())
    changed = document.check(admin.patch(address, {"version": 1, "events": ["case.closed", "alert.created"]}))
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = document.check(admin.patch(address, {"version": 1, "active": False}))
    assert stale.status_code == 409 and admin.person.email in stale.json()["detail"]
    rotated = document.check(admin.post(f"{address}rotate-secret/"))
    assert rotated.json()["secret"] != made.json()["secret"] and rotated.json()["former_secret_until"]
    assert document.check(admin.post(f"{address}test/")).status_code == 201
    listed = document.check(admin.get(URL)).json()["results"]
    assert [one["url"] for one in listed] == [GOOD["url"]]
    assert document.check(admin.delete(address)).status_code == 204
    assert document.check(admin.get(address)).status_code == 404
    assert WebhookEndpoint.objects.get().deleted_at


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"url": "https://127.0.0.1/"}, "/url"),
        ({"url": "https://2130706433/"}, "/url"),
        ({"url": "ftp://example.com/"}, "/url"),
        ({"url": 7}, "/url"),
        ({"events": ["everything"]}, "/events/0"),
        ({"events": []}, "/events"),
        ({"secret": "mine"}, "/secret"),
        ({"description": "x" * 201}, "/description"),
    ],
)
def test_what_is_refused_names_the_field_and_stores_nothing(document, as_person, wrong, pointer, settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    answer = document.check(as_person("admin").post(URL, GOOD | wrong))
    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == pointer
    assert not WebhookEndpoint.objects.exists()


def test_deliveries_are_read_with_their_tries_and_replayed(document, as_person, settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    admin = as_person("admin")
    made = admin.post(URL, GOOD | {"url": "https://127.0.0.1:1/x"}).json()
    OutboxMessage.objects.create(topic="alert.created", payload={"alert_id": 1})
    relay_outbox()
    from alerts.services.webhooks import deliver_webhooks

    deliver_webhooks()
    address = f"{URL}{made['id']}/deliveries/"
    one = document.check(admin.get(address)).json()["results"][0]
    assert (one["state"], one["tries"][0]["error"]) == ("pending", "connection refused")
    again = f"{URL}deliveries/{one['id']}/replay/"
    assert document.check(admin.post(again)).status_code == 409
    WebhookDelivery.objects.update(state="dead", dead_reason="given up")
    assert document.check(admin.post(again)).json()["state"] == "pending"
    assert admin.get(f"{address}?state=dead").json()["results"] == []
    assert document.check(admin.get(f"{address}?state=lost")).status_code == 422
    assert document.check(admin.post(f"{URL}deliveries/999/replay/")).status_code == 404


def test_only_admins_manage_and_keys_only_read(as_person, as_key):
    for caller in (as_person("analyst"), as_person("auditor"), as_key("read")):
        assert caller.get(URL).status_code == 403 and caller.post(URL, GOOD).status_code == 403
    key = as_key("admin")
    assert key.get(URL).status_code == 200 and key.post(URL, GOOD).status_code == 403
    assert not WebhookEndpoint.objects.exists()
