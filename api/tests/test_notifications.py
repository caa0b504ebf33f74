"""Notifications over HTTP: one's own, what was sent, notices, rules, channels, wordings, wishes."""

import pytest

from alerts.models import NotificationDelivery, NotificationRule, NotificationTemplate, OutboxMessage
from alerts.services import raise_system_alert
from alerts.services.delivering.waiting import database_now
from alerts.services.outbox import relay_outbox

pytestmark = pytest.mark.django_db
URL = "/api/v1/notifications/"


def test_everybody_reads_their_own(document, as_person):
    admin, analyst = as_person("admin"), as_person("analyst")
    answer = document.check(admin.post(f"{URL}fraud-alert/", {"title": "Mule ring", "message": "Look at X"}))
    assert answer.status_code == 202
    relay_outbox()
    shown = document.check(analyst.get(URL)).json()
    (one,) = shown["results"]
    assert (one["title"], one["severity"], shown["unread"]) == ("Mule ring", "high", 1)
    assert document.check(as_person("analyst").post(f"{URL}{one['id']}/read/")).status_code == 404
    assert document.check(analyst.post(f"{URL}{one['id']}/read/")).json() == {"read": 1}
    assert analyst.get(f"{URL}?unread=true").json()["results"] == []
    assert document.check(admin.post(f"{URL}read/")).json() == {"read": 1}


def test_keys_with_the_admin_scope_send_notices_and_nobody_else(document, as_person, as_key):
    body = {"title": "Disk", "message": "full", "severity": "critical"}
    assert document.check(as_key("admin").post(f"{URL}system-alert/", body)).status_code == 202
    for caller in (as_person("analyst"), as_person("auditor"), as_key("ingest"), as_key("read")):
        assert caller.post(f"{URL}system-alert/", body).status_code == 403
    for wrong in ({"title": ""}, {"severity": "mild"}, {"message": "a\x00b"}, {"colour": 1}):
        assert document.check(as_person("admin").post(f"{URL}fraud-alert/", body | wrong)).status_code == 422
    assert OutboxMessage.objects.count() == 1


def test_what_was_sent_is_read_with_its_tries_and_replayed(document, as_person, settings):
    admin = as_person("admin")
    admin.post(f"{URL}fraud-alert/", {"title": "t", "message": "m"})
    relay_outbox()
    NotificationDelivery.objects.update(state="dead", dead_reason="given up", next_attempt_at=database_now())
    (one,) = document.check(as_person("auditor").get(f"{URL}history/?state=dead")).json()["results"]
    assert (one["topics"], one["dead_reason"]) == (["notice.fraud"], "given up")
    again = f"{URL}history/{one['id']}/replay/"
    assert document.check(admin.post(again)).json()["state"] == "pending"
    assert document.check(admin.post(again)).status_code == 409
    assert as_person("analyst").get(f"{URL}history/").status_code == 403


def test_rules_are_made_changed_and_deleted(document, as_person):
    admin = as_person("admin")
    assert len(document.check(admin.get(f"{URL}rules/")).json()["shipped"]) == 6
    body = {"name": "mine", "topic": "alert.created", "roles": ["analyst"], "channels": ["in_app", "email"]}
    made = document.check(admin.post(f"{URL}rules/", body | {"users": [admin.person.email]}))
    assert (made.status_code, made.json()["users"]) == (201, [admin.person.email])
    address = f"{URL}rules/{made.json()['id']}/"
    changed = document.check(admin.put(address, body | {"version": 1, "min_severity": "critical"}))
    assert (changed.json()["min_severity"], changed.json()["version"]) == ("critical", 2)
    assert document.check(admin.put(address, body | {"version": 1})).status_code == 409
    for wrong in (
        *({"channels": ["fax"]}, {"users": ["nobody@example.com"]}, {"min_amount_minor": 10**18}),
        *({"engine": "payment"}, {"roles": []}, {"topic": "job.finished", "queue": "x"}),
    ):
        assert document.check(admin.post(f"{URL}rules/", body | {"name": "n"} | wrong)).status_code == 422
    assert document.check(admin.delete(address)).status_code == 204
    assert NotificationRule.objects.count() == 6


def test_channels_hide_their_url(document, as_person):
    admin = as_person("admin")
    body = {"name": "ops", "url": "json://user:s3cret@example.com/hook"}
    made = document.check(admin.post(f"{URL}channels/", body))
    assert made.status_code == 201 and "s3cret" not in made.content.decode()
    assert "s3cret" not in document.check(admin.get(f"{URL}channels/")).content.decode()
    address = f"{URL}channels/{made.json()['id']}/"
    assert document.check(admin.patch(address, {"version": 1, "active": False})).json()["active"] is False
    assert document.check(admin.patch(address, {"version": 1, "active": True})).status_code == 409
    refused = document.check(admin.post(f"{URL}channels/", {"name": "x", "url": "nonsense s3cret"}))
    assert refused.status_code == 422 and "s3cret" not in refused.content.decode()
    assert document.check(admin.delete(address)).status_code == 204


def test_wordings_are_changed_and_reset(document, as_person):
    admin = as_person("admin")
    listed = document.check(admin.get(f"{URL}wordings/")).json()["results"]
    assert {one["topic"] for one in listed} >= {"alert.created", "many", "digest"}
    body = {"subject": "{{ alert }}", "body": "{{ reason }}", "version": 0}
    assert document.check(admin.put(f"{URL}wordings/alert.created/", body)).json()["version"] == 1
    assert document.check(admin.put(f"{URL}wordings/alert.created/", body)).status_code == 409
    broken = body | {"subject": "{{ user.password }}", "version": 1}
    refused = document.check(admin.put(f"{URL}wordings/alert.created/", broken))
    assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"] == "/subject"
    assert NotificationTemplate.objects.get().subject == "{{ alert }}"
    assert document.check(admin.delete(f"{URL}wordings/alert.created/")).status_code == 204
    assert document.check(admin.put(f"{URL}wordings/nothing/", body)).status_code == 404


def test_wishes_are_ones_own(document, as_person):
    analyst = as_person("analyst")
    wishes = {"digest": "daily", "quiet_from": "22:00", "quiet_until": "06:00", "time_zone": "Europe/Lisbon"}
    changed = document.check(analyst.patch(f"{URL}preferences/", wishes)).json()
    assert (changed["digest"], changed["quiet_from"]) == ("daily", "22:00:00")
    assert document.check(as_person("analyst").get(f"{URL}preferences/")).json()["digest"] == "immediately"
    for wrong in ({"time_zone": "Mars"}, {"digest_hour": 99}, {"quiet_from": None}, {"digest": "x"}):
        assert document.check(analyst.patch(f"{URL}preferences/", wrong)).status_code == 422


def test_system_alerts_are_read_and_acknowledged(document, as_person, as_key):
    raise_system_alert(
        engine="system", kind="machine.disk", subject="x", severity="high", message="full", at=database_now()
    )
    (one,) = document.check(as_key("read").get("/api/v1/system/alerts/?open=true")).json()["results"]
    admin = as_person("admin")
    address = f"/api/v1/system/alerts/{one['id']}/acknowledge/"
    assert as_person("analyst").post(address).status_code == 403
    assert document.check(admin.post(address)).json()["acknowledged_by"] == admin.person.email
