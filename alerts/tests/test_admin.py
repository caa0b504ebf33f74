"""Alerts in the admin site: resolved by an action, with reason and trail, and in no other way."""

import pytest
from django.urls import reverse

from alerts.models import Alert
from alerts.services import raise_alerts
from alerts.tests.conftest import NOON
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db
LIST = "/admin/alerts/alert/"


@pytest.fixture
def signed_in(client, person):
    """signed_in("admin") is a browser of such a person; `client.person` is who."""

    def make(role: str):
        client.person = person(role)
        client.force_login(client.person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def alerts(suspicion):
    raise_alerts([suspicion(subject="a"), suspicion(subject="b")], at=NOON)
    return list(Alert.objects.order_by("subject"))


def form(alerts, **changes):
    answers = {"action": "resolve", "_selected_action": [alert.pk for alert in alerts]}
    answers |= {"disposition": "inconclusive", "note": "no trace", "confirmed": "1"}
    answers |= {f"version_{alert.pk}": alert.version for alert in alerts}
    return {name: value for name, value in (answers | changes).items() if value is not None}


def messages(response):
    return [str(message) for message in response.context["messages"]]


def test_the_action_asks_first_and_then_resolves(signed_in, alerts):
    browser = signed_in("admin")
    asked = browser.post(LIST, {"action": "resolve", "_selected_action": [alert.pk for alert in alerts]})
    assert asked.status_code == 200
    assert '<option value="" selected>Choose a verdict</option>' in asked.content.decode()
    for alert in alerts:
        assert f'name="version_{alert.pk}" value="1"' in asked.content.decode()
    assert Alert.objects.filter(status="open").count() == 2

    done = browser.post(LIST, form(alerts), follow=True)
    assert messages(done) == ["2 resolved"]
    assert (
        list(Alert.objects.values_list("status", "disposition", "note", "resolved_by"))
        == [("resolved", "inconclusive", "no trace", browser.person.pk)] * 2
    )
    events = AuditEvent.objects.filter(action="alert.resolved")
    assert sorted(events.values_list("actor", "subject")) == sorted(
        (browser.person.email, str(a.pk)) for a in alerts
    )
    assert set(events.values_list("request_id", flat=True)) == {done.redirect_chain and events[0].request_id}


@pytest.mark.parametrize(
    "changes",
    [{"note": ""}, {"note": "  "}, {"disposition": "guilty"}, {"disposition": ""}, {"note": "x" * 4001}],
)
def test_without_verdict_and_reason_it_asks_again(signed_in, alerts, changes):
    answer = signed_in("admin").post(LIST, form(alerts, **changes))
    assert answer.status_code == 200 and answer.context["form"].errors
    assert Alert.objects.filter(status="open").count() == 2 and not AuditEvent.objects.exists()


@pytest.mark.parametrize("version", ["2", "", "one", None])
def test_a_stale_view_is_told_and_the_others_go_through(signed_in, alerts, version):
    stale, fresh = alerts
    answer = signed_in("admin").post(LIST, form(alerts, **{f"version_{stale.pk}": version}), follow=True)
    assert sorted(messages(answer)) == [
        "1 resolved",
        f"A-{stale.pk} changed since you looked: it now has 1 hit, at version 1",
    ]
    assert list(Alert.objects.filter(status="resolved")) == [fresh]


def test_an_auditor_sees_but_cannot_act(signed_in, alerts):
    browser = signed_in("auditor")
    shown = browser.get(LIST)
    assert shown.status_code == 200 and 'value="resolve"' not in shown.content.decode()
    browser.post(LIST, form(alerts))
    assert Alert.objects.filter(status="open").count() == 2 and not AuditEvent.objects.exists()


def test_an_analyst_has_no_admin_site(signed_in, alerts):
    browser = signed_in("analyst")
    for answer in (browser.get(LIST), browser.post(LIST, form(alerts))):
        assert answer.status_code == 302 and "/admin/login/" in answer["Location"]
    assert Alert.objects.filter(status="open").count() == 2


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_fields_are_never_edited(signed_in, alerts, role):
    browser, (alert, _) = signed_in(role), alerts
    page = reverse("admin:alerts_alert_change", args=[alert.pk])
    assert browser.get(page).status_code == 200
    assert (
        browser.post(page, {"severity": "low", "status": "resolved", "disposition": "duplicate"}).status_code
        == 403
    )
    assert browser.post("/admin/alerts/alert/add/", {}).status_code == 403
    assert (
        browser.post(reverse("admin:alerts_alert_delete", args=[alert.pk]), {"post": "yes"}).status_code
        == 403
    )
    assert Alert.objects.values("severity", "status", "version").get(pk=alert.pk) == {
        "severity": "high",
        "status": "open",
        "version": 1,
    }
