"""Who may open which page, and what a refusal leaves behind."""

import pytest
from django.urls import reverse

from logs.models import AuditEvent

PAGES = (
    "overview",
    "alerts",
    "alerts_latest",
    "alerts_arrived",
    "transactions",
    "customers",
    "search",
    "live_state",
)


@pytest.fixture
def addresses(drained):
    event = drained.hits.get().assessment.transaction
    return [reverse(f"dashboard:{name}") for name in PAGES] + [
        reverse("dashboard:alert", args=[drained.pk]),
        reverse("dashboard:transaction", args=[event.pk]),
        reverse("dashboard:customer", args=[drained.customer_id]),
    ]


@pytest.mark.parametrize("role", ["admin", "analyst", "auditor"])
def test_every_role_reads_every_page(signed_in, addresses, role):
    client = signed_in(role)
    assert {path: client.get(path).status_code for path in addresses} == dict.fromkeys(addresses, 200)


def test_strangers_are_sent_to_sign_in(client, addresses):
    for path in addresses:
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={path}")


def test_a_fragment_sends_strangers_to_sign_in_as_a_whole_page(client, db):
    answer = client.get("/alerts/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/login/")


def test_somebody_deactivated_is_a_stranger(signed_in, drained):
    client = signed_in("analyst")
    client.person.is_active = False
    client.person.save()
    assert client.get("/alerts/").status_code == 302


@pytest.mark.parametrize("action", ["resolve", "assign"])
def test_an_auditor_changes_nothing(signed_in, drained, action):
    client = signed_in("auditor")
    before = AuditEvent.objects.count()
    form = {"version": drained.version, "disposition": "confirmed_fraud", "note": "no", "to": "me"}
    answer = client.post(reverse(f"dashboard:alert_{action}", args=[drained.pk]), form)
    assert answer.status_code == 403
    assert b"Your role does not include this" in answer.content
    drained.refresh_from_db()
    assert (drained.status, drained.assignee, drained.version) == ("open", None, 1)
    assert AuditEvent.objects.count() == before


def test_an_auditor_claims_nothing(signed_in, drained):
    answer = signed_in("auditor").post(reverse("dashboard:alerts_claim"), {"selected": f"{drained.pk}:1"})
    drained.refresh_from_db()
    assert (answer.status_code, drained.assignee) == (403, None)


def test_an_auditor_sees_no_buttons(signed_in, drained):
    page = signed_in("auditor").get(reverse("dashboard:alert", args=[drained.pk])).content.decode()
    assert "actbar" not in page
    assert "Assign to me" not in page


@pytest.mark.parametrize("name", ["alert_resolve", "alert_assign"])
def test_a_verdict_cannot_be_fetched(signed_in, drained, name):
    assert signed_in("analyst").get(reverse(f"dashboard:{name}", args=[drained.pk])).status_code == 405


def test_a_page_that_is_not_there_says_so_in_the_look(signed_in, db):
    answer = signed_in("analyst").get("/alerts/999999999999999999/")
    assert answer.status_code == 404
    assert b"Nothing here" in answer.content


def test_no_page_carries_inline_styles_or_scripts(signed_in, addresses):
    import re

    client = signed_in("analyst")
    for path in addresses:
        page = client.get(path).content.decode()
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", page), path
        scripts = re.findall(r"<script([^>]*)>", page)
        assert all("src=" in script or 'type="application/json"' in script for script in scripts), path
        assert not re.search(r'(?:src|href)="https?://', page), path


def test_the_icon_stands_at_its_fixed_address(client):
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/x-icon")
    assert answer.content[:4] == b"\x00\x00\x01\x00"


def test_the_admin_site_tells_an_analyst_why_it_stays_shut(signed_in, db):
    answer = signed_in("analyst").get("/admin/", follow=True)
    assert answer.status_code == 403
    assert b"This account has no access to the admin site" in answer.content
    assert b'name="password"' not in answer.content
