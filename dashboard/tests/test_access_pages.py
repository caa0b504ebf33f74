"""The pages of keys and people: a secret shown once, deeds, refusals, what each role sees."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import resolve

from users.models import ApiKey, Invitation, User
from users.services.invitations import invite, link_of, open_invitation

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(admin):
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    client.person = admin
    return client


FORM = {"name": "shop", "scopes": ["ingest", "read"], "networks": "10.0.0.0/8\n10.1.1.1", "days": "30"}


def test_a_key_is_shown_once_with_a_button_to_copy_it(browser):
    made = browser.post("/keys/new/", FORM)
    (raw,) = re.findall(r"fg_[0-9a-f]{8}_[0-9a-f]{64}", made.content.decode())
    assert made["Cache-Control"] == "no-store" and b'data-copy="secret"' in made.content
    key = ApiKey.objects.get()
    assert (key.scopes, key.allowed_networks) == (["ingest", "read"], ["10.0.0.0/8", "10.1.1.1/32"])
    for page in (f"/keys/{key.pk}/", "/keys/"):
        assert raw.encode() not in browser.get(page).content
    assert b"127.0.0.1" not in made.content and b"10.1.1.1/32" in made.content


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": ""}, b"Name: 1 to 64"),
        ({"scopes": []}, b"Scopes: none given"),
        ({"networks": "10.0.0.1/8"}, b"is not a network"),
        ({"days": "soon"}, b"Expires_at: give a whole number"),
        ({"days": "999999999"}, b"at most 100 years"),
        ({"rate_limit": "-1"}, b"Rate_limit: give a whole number"),
        ({"name": "x\x00"}, b"Name: 1 to 64"),
    ],
)
def test_a_wrong_key_is_refused_and_the_form_kept(browser, change, told):
    answer = browser.post("/keys/new/", FORM | change)
    assert answer.status_code == 422 and told in answer.content
    assert not ApiKey.objects.exists()


def test_rotating_and_revoking(browser, api_key):
    api_key("read")
    key = ApiKey.objects.get()
    rotated = browser.post(f"/keys/{key.pk}/rotate/", {"grace_hours": "1"})
    assert len(re.findall(r"fg_[0-9a-f]{8}_[0-9a-f]{64}", rotated.content.decode())) == 1
    assert browser.post(f"/keys/{key.pk}/rotate/").status_code == 409
    successor = ApiKey.objects.exclude(pk=key.pk).get()
    assert browser.post(f"/keys/{successor.pk}/rotate/", {"grace_hours": "999999"}).status_code == 422
    assert browser.post(f"/keys/{successor.pk}/revoke/").status_code == 302
    assert ApiKey.objects.get(pk=successor.pk).state == "revoked"
    listed = browser.get("/keys/", {"state": "revoked", "q": "sho", "scope": "read"})
    assert [row.pk for row in listed.context["page"].rows] == [successor.pk]
    assert browser.get("/keys/", {"q": "\x00", "state": "?", "scope": "?", "after": "x"}).status_code == 200


def test_an_auditor_sees_and_is_offered_nothing(auditor, api_key, analyst):
    api_key("read")
    client = Client()
    client.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")
    for page in ("/keys/", f"/keys/{ApiKey.objects.get().pk}/", "/people/", f"/people/{analyst.pk}/"):
        content = client.get(page).content.decode()
        main = content[content.index("<main") : content.index("</main>")]
        assert 'method="post"' not in main and "?new" not in main and "?invite" not in main


def test_deeds_on_a_person(browser, analyst):
    one = f"/people/{analyst.pk}/"
    assert browser.post(f"{one}role/", {"role": "auditor", "seen": "analyst"}).status_code == 302
    assert browser.post(f"{one}role/", {"role": "admin", "seen": "analyst"}).status_code == 409
    assert browser.post(f"{one}role/", {"role": "owner", "seen": "auditor"}).status_code == 422
    assert browser.post(f"{one}deactivate/").status_code == 302
    analyst.refresh_from_db()
    assert (analyst.role, analyst.is_active) == ("auditor", False)
    for deed in ("reactivate", "two-factor", "unlock", "sign-out"):
        assert browser.post(f"{one}{deed}/").status_code == 302
    page = browser.get(one)
    assert User.objects.get(pk=analyst.pk).is_active and b"user.role_changed" in page.content
    assert [b in page.content for b in (b"analyst to auditor", b"user.access_ended")] == [True, True]
    found = browser.get("/people/", {"q": analyst.email, "role": "auditor", "state": "active"})
    assert [row.pk for row in found.context["page"].rows] == [analyst.pk]


def test_nobody_does_it_to_themselves(browser):
    own = f"/people/{browser.person.pk}/"
    for deed in ("role/", "deactivate/", "two-factor/"):
        answer = browser.post(own + deed, {"role": "analyst", "seen": "admin"})
        assert answer.status_code == 403 and b"Not done" in answer.content
    assert User.objects.get(pk=browser.person.pk).role == "admin"
    assert b"Another admin changes your role" in browser.get(own).content


def test_invitations_by_link_by_mail_and_taken_back(browser):
    linked = browser.post("/people/invite/", {"email": "new@example.com", "role": "auditor", "how": "link"})
    (secret,) = re.findall(r"/account/invitation/([\w-]+)/", linked.content.decode())
    assert open_invitation(secret).role == "auditor" and linked["Cache-Control"] == "no-store"
    assert secret.encode() not in browser.get("/people/").content

    mailed = browser.post("/people/invite/", {"email": "new@example.com", "role": "analyst", "how": "mail"})
    assert mailed.status_code == 302 and mail.outbox[0].to == ["new@example.com"]
    refused = browser.post("/people/invite/", {"email": "nobody", "role": "analyst"})
    assert refused.status_code == 422 and b"give an address" in refused.content
    one = Invitation.objects.get(withdrawn_at=None)
    assert browser.post(f"/people/invitations/{one.pk}/withdraw/").status_code == 302
    assert not Invitation.objects.filter(withdrawn_at=None).exists()


def test_the_link_leads_to_registration(admin, settings):
    _, raw = invite("new@example.com", "auditor", admin)
    path = link_of(raw).removeprefix(settings.SITE_URL)
    assert resolve(path).url_name == "account_invitation"
    assert Client().get(path).status_code == 302
