"""Cases in the admin site: the same services, the same second person, no direct editing."""

import pytest
from django.urls import reverse

from alerts.models import Alert, Case, CaseRule
from alerts.services import raise_alerts
from alerts.services.cases.closing import close_case
from alerts.services.cases.opening import open_case
from alerts.tests.conftest import NOON
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db
LIST = "/admin/alerts/case/"


@pytest.fixture
def signed_in(client, person):
    def make(role: str):
        client.person = person(role)
        client.force_login(client.person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def case(suspicion, analyst):
    alert = raise_alerts([suspicion(amount_minor=2_000_000)], at=NOON)[0]
    return open_case(title="Drained", acting_user=analyst, alert_ids=[alert])


def act(browser, case, action, **answers):
    return browser.post(LIST, {"action": action, "_selected_action": [case.pk], **answers}, follow=True)


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def close(browser, case, version=1):
    answers = {"verdict": "confirmed_fraud", "note": "denied", "confirmed": "1"}
    return act(browser, case, "close", **answers, **{f"version_{case.pk}": version})


def test_closing_asks_first_and_large_fraud_waits_for_another_person(signed_in, case, person):
    browser = signed_in("admin")
    asked = act(browser, case, "close")
    assert f'name="version_{case.pk}" value="1"' in asked.content.decode()
    assert said(close(browser, case)) == ["1 closed or proposed to a second person"]
    case.refresh_from_db()
    assert (case.status, case.proposed_by, Alert.objects.get().status) == ("waiting", browser.person, "open")
    refused = f"{case}: somebody else has to approve the closing that you proposed"
    assert said(act(browser, case, "approve")) == [refused]
    assert Case.objects.get().status == "waiting"
    other = signed_in("admin")
    assert said(act(other, case, "approve")) == ["1 closed"]
    assert (Case.objects.get().closed_by, Alert.objects.get().status) == (other.person, "resolved")
    assert AuditEvent.objects.get(action="case.closed").actor == other.person.email


def test_a_stale_close_is_told(signed_in, case):
    browser = signed_in("admin")
    assert said(act(browser, case, "assign_to_me")) == ["1 assigned to you"]
    (told,) = said(close(browser, case))
    assert told.startswith(f"{case} changed since you looked: {browser.person.email} assigned it")
    assert Case.objects.get().status == "open"


@pytest.mark.parametrize("action", ["assign_to_me", "approve", "close"])
def test_an_auditor_acts_on_nothing(signed_in, case, analyst, action):
    close_case(case_id=case.pk, acting_user=analyst, verdict="confirmed_fraud", note="x", seen_version=1)
    before = list(Case.objects.values())
    act(signed_in("auditor"), case, action, verdict="inconclusive", note="x", confirmed="1")
    assert list(Case.objects.values()) == before


def test_fields_are_never_edited(signed_in, case):
    browser = signed_in("admin")
    page = reverse("admin:alerts_case_change", args=[case.pk])
    assert browser.get(page).status_code == 200
    assert browser.post(page, {"title": "other"}).status_code == 403
    assert browser.post("/admin/alerts/case/add/", {}).status_code == 403
    assert Case.objects.get().title == "Drained"


def test_a_case_rule_is_made_and_changed_with_a_trace(signed_in):
    browser = signed_in("admin")
    given = {
        "name": "grave", "enabled": "on", "since_0": "2026-03-02", "since_1": "12:00:00", "engine": "",
        "min_severity": "high", "rule_codes": "A,B", "min_amount_minor": "0", "min_alerts": "1",
        "within_days": "30",
    }  # fmt: skip
    assert browser.post("/admin/alerts/caserule/add/", given).status_code == 302
    rule = CaseRule.objects.get()
    assert (rule.rule_codes, rule.changed_by, rule.version) == (["A", "B"], browser.person.email, 1)
    page = reverse("admin:alerts_caserule_change", args=[rule.pk])
    assert browser.post(page, given | {"min_severity": "low"}).status_code == 302
    assert CaseRule.objects.get().version == 2
    assert set(AuditEvent.objects.values_list("action", flat=True)) == {"case_rule.made", "case_rule.changed"}
