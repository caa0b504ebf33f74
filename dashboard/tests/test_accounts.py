"""Accounts through the pages: registering, verifying, forgotten and changed passwords, sessions, the name."""

import re

import pytest
from django.core import mail
from django.test import Client

from logs.models import AuditEvent
from tests.fixtures import PASSWORD
from users.models import TokenFamily, User
from users.services.invitations import invite, withdraw
from users.services.tokens import issue_tokens

pytestmark = pytest.mark.django_db
FRESH = "another horse battery 7"


def sign_in(client, email, password=PASSWORD):
    return client.post("/login/", {"username": email, "password": password})


def register(client, email, **changes):
    form = {"email": email, "name": "New Person", "password1": FRESH, "password2": FRESH} | changes
    return client.post("/account/register/", form)


def link_in(message) -> str:
    return re.search(r"http://testserver(\S+)", message.body)[1]


def actions(*, about: User | None = None) -> list[str]:
    told = AuditEvent.objects.filter(subject_kind="user").order_by("pk")
    return list((told.filter(subject=str(about.pk)) if about else told).values_list("action", flat=True))


def test_registration_is_closed_to_strangers_unless_it_is_opened(client, db):
    assert "Registration is closed" in client.get("/account/register/").content.decode()
    register(client, "new@example.com")
    assert not User.objects.exists()


def test_who_registers_verifies_the_address_before_signing_in(client, db, settings):
    settings.REGISTRATION = "open"
    answer = register(client, "New@Example.com")
    assert (answer.status_code, answer["Location"]) == (302, "/account/confirm-email/")
    somebody = User.objects.get()
    assert (somebody.email, somebody.role, somebody.name) == ("new@example.com", "analyst", "New Person")
    assert sign_in(Client(), somebody.email, FRESH)["Location"] == "/account/confirm-email/"

    (message,) = mail.outbox
    assert message.to == ["new@example.com"]
    assert client.post(link_in(message)).status_code == 302
    fresh = Client()
    assert sign_in(fresh, somebody.email, FRESH)["Location"] == "/"
    assert fresh.get("/customers/").status_code == 200
    assert actions() == ["user.registered", "user.verified", "user.signed_in"]


def test_registering_a_known_address_looks_the_same_and_makes_nobody(client, analyst, settings):
    settings.REGISTRATION = "open"
    answer = register(client, analyst.email)
    assert (answer.status_code, answer["Location"]) == (302, "/account/confirm-email/")
    assert User.objects.count() == 1
    assert "has an account already" in mail.outbox[0].body


@pytest.mark.parametrize(
    "changes",
    [
        {"password1": "short", "password2": "short"},
        {"password2": "different horse 8"},
        {"email": "no address"},
        {"email": "somebody@elsewhere.example"},
        {"name": "x" * 151},
        {"password1": ""},
    ],
)
def test_what_cannot_be_registered_makes_nobody(client, db, settings, changes):
    settings.REGISTRATION, settings.REGISTRATION_DOMAINS = "open", ["example.com"]
    form = {"email": "new@example.com", "password1": FRESH, "password2": FRESH} | changes
    assert client.post("/account/register/", form).status_code == 200
    assert not User.objects.exists()
    assert mail.outbox == []


def test_nobody_registers_as_admin(client, db, settings):
    settings.REGISTRATION = "open"
    register(client, "new@example.com", role="admin", is_superuser="1", awaits_verification="0")
    somebody = User.objects.get()
    assert (somebody.role, somebody.is_superuser, somebody.awaits_verification) == ("analyst", False, True)


def test_an_invitation_lets_one_address_in_with_its_role(client, admin):
    _, secret = invite("new@example.com", "auditor", admin)
    assert client.get(f"/account/invitation/{secret}/")["Location"] == "/account/register/"
    page = client.get("/account/register/").content.decode()
    assert 'value="new@example.com"' in page
    assert secret not in page
    assert register(client, "other@example.com").status_code == 200
    assert User.objects.count() == 1

    assert register(client, "new@example.com")["Location"] == "/"
    somebody = User.objects.get(email="new@example.com")
    assert (somebody.role, somebody.awaits_verification) == ("auditor", False)
    assert client.get("/customers/").status_code == 200
    assert actions(about=somebody) == ["user.registered", "user.signed_in"]
    assert Client().get(f"/account/invitation/{secret}/").status_code == 404


def test_a_withdrawn_or_made_up_invitation_opens_nothing(client, admin):
    invitation, secret = invite("new@example.com", "analyst", admin)
    client.get(f"/account/invitation/{secret}/")
    withdraw(invitation.pk, acting_user=admin)
    assert "Registration is closed" in client.get("/account/register/").content.decode()
    assert client.get("/account/invitation/made-up/").status_code == 404
    register(client, "new@example.com")
    assert User.objects.count() == 1


def test_off_means_off_for_the_invited_too(client, admin, settings):
    settings.REGISTRATION = "off"
    _, secret = invite("new@example.com", "analyst", admin)
    client.get(f"/account/invitation/{secret}/")
    register(client, "new@example.com")
    assert User.objects.count() == 1


def test_a_forgotten_password_is_set_by_mail_and_ends_everything(client, analyst):
    elsewhere = Client()
    sign_in(elsewhere, analyst.email)
    issue_tokens(analyst)
    assert client.post("/account/password/reset/", {"email": analyst.email.upper()}).status_code == 302
    link = link_in(mail.outbox[0])
    form = client.get(link, follow=True).redirect_chain[-1][0]
    assert client.post(form, {"password1": FRESH, "password2": FRESH}).status_code == 302

    assert elsewhere.get("/customers/").status_code == 302
    assert not TokenFamily.objects.filter(ended_at=None).exists()
    assert "does not work" in Client().get(link, follow=True).content.decode()  # for one use
    assert sign_in(Client(), analyst.email, FRESH)["Location"] == "/"
    assert actions() == ["user.signed_in", "user.password_reset", "user.signed_in"]
    assert FRESH not in str(list(AuditEvent.objects.values()))


def test_asking_for_an_unknown_address_answers_the_same(client, analyst):
    known = client.post("/account/password/reset/", {"email": analyst.email})
    unknown = client.post("/account/password/reset/", {"email": "nobody@example.com"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [message.to for message in mail.outbox] == [[analyst.email], ["nobody@example.com"]]
    assert "no account" in mail.outbox[1].body


def test_who_has_left_and_who_signs_in_elsewhere_get_no_link(client, person):
    gone, sso = person("analyst", is_active=False), person("analyst", password=None)
    for somebody in (gone, sso):
        client.post("/account/password/reset/", {"email": somebody.email})
    assert not any("/account/password/reset/key/" in message.body for message in mail.outbox)


def test_asking_too_often_is_refused(client, analyst):
    asked = [client.post("/account/password/reset/", {"email": analyst.email}) for _ in range(6)]
    assert [answer.status_code for answer in asked] == [302] * 5 + [429]
    assert len(mail.outbox) == 5


def test_a_changed_password_ends_the_other_sessions_and_the_tokens(client, analyst):
    elsewhere = Client()
    for each in (client, elsewhere):
        sign_in(each, analyst.email)
    issue_tokens(analyst)
    form = {"oldpassword": PASSWORD, "password1": FRESH, "password2": FRESH}
    assert client.post("/account/password/", form).status_code == 302
    assert client.get("/customers/").status_code == 200
    assert elsewhere.get("/customers/").status_code == 302
    assert not TokenFamily.objects.filter(ended_at=None).exists()
    assert actions()[-1] == "user.password_changed"
    assert mail.outbox[-1].to == [analyst.email]


@pytest.mark.parametrize("form", [{"oldpassword": "wrong"}, {"password2": "x"}, {"password1": "short"}])
def test_a_refused_password_changes_nothing(client, analyst, form):
    sign_in(client, analyst.email)
    issue_tokens(analyst)
    given = {"oldpassword": PASSWORD, "password1": FRESH, "password2": FRESH} | form
    assert client.post("/account/password/", given).status_code == 200
    analyst.refresh_from_db()
    assert analyst.check_password(PASSWORD)
    assert TokenFamily.objects.filter(ended_at=None).count() == 1
    assert "user.password_changed" not in actions()


def test_one_session_is_ended_from_another(client, analyst, auditor):
    elsewhere, stranger = Client(), Client()
    for each, somebody in ((client, analyst), (elsewhere, analyst), (stranger, auditor)):
        sign_in(each, somebody.email)
    ends = re.findall(r"/account/sessions/\d+/end/", client.get("/account/sessions/").content.decode())
    assert len(ends) == 1
    stranger.post(ends[0])
    assert elsewhere.get("/customers/").status_code == 200
    client.post(ends[0])
    assert elsewhere.get("/customers/").status_code == 302
    assert client.get("/customers/").status_code == 200
    assert actions(about=analyst)[-1] == "session.revoked"


def test_all_other_sessions_end_at_once(client, analyst):
    others = [Client() for _ in range(2)]
    for each in (client, *others):
        sign_in(each, analyst.email)
    client.post("/account/sessions/")
    assert [each.get("/customers/").status_code for each in (client, *others)] == [200, 302, 302]


def test_people_name_themselves_and_nothing_more(client, analyst):
    sign_in(client, analyst.email)
    client.post("/account/", {"name": " Ana  Lyst ", "role": "admin", "email": "boss@example.com"})
    assert User.objects.values_list("name", "role", "email").get() == ("Ana Lyst", "analyst", analyst.email)
    assert actions()[-1] == "user.changed"
    assert client.post("/account/", {"name": "x" * 151}).status_code == 422
    assert client.post("/account/", {"name": "a\x00b"}).status_code == 422
    assert User.objects.get().name == "Ana Lyst"


def test_signing_in_and_out_is_written_down(client, analyst):
    sign_in(client, analyst.email, "Wrong-Horse-9")
    sign_in(client, analyst.email)
    client.post("/logout/")
    told = list(AuditEvent.objects.order_by("pk").values("action", "actor", "subject", "after"))
    assert [each["action"] for each in told] == ["user.sign_in_failed", "user.signed_in", "user.signed_out"]
    assert told[0]["after"] == {"why": "password", "known": True, "from": "127.0.0.1"}
    assert told[1]["after"] == {"by": "password", "from": "127.0.0.1"}
    assert "Wrong-Horse-9" not in str(told)


@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_no_page_leads_to_another_host(client, analyst, there):
    for address in ("/login/", "/account/reauthenticate/", "/account/password/"):
        assert sign_in(client, analyst.email).status_code == 302
        form = {"password": PASSWORD, "oldpassword": PASSWORD, "password1": PASSWORD, "password2": PASSWORD}
        answer = client.post(f"{address}?next={there}", form | {"next": there, "username": analyst.email})
        assert "evil" not in answer.get("Location", "") and "javascript" not in answer.get("Location", "")
