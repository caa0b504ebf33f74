"""The second step on the pages: asked for, good once, required by role before anything else."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from logs.models import AuditEvent
from tests.fixtures import PASSWORD
from tests.second_factor import set_up_app, shown_code, stored, wrong_code
from users.models import TokenFamily
from users.services.tokens import issue_tokens

pytestmark = pytest.mark.django_db
STEP = "/account/two-factor/sign-in/"
HOME = "/account/two-factor/"


def sign_in(client, user):
    return client.post("/login/", {"username": user.email, "password": PASSWORD})


def prove(client):
    """The password again, before something delicate."""
    return client.post("/account/reauthenticate/", {"password": PASSWORD})


def inside(client) -> bool:
    return client.get("/customers/").status_code == 200


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_the_password_alone_leads_to_the_second_step(client, analyst):
    set_up_app(analyst)
    answer = client.post("/login/?next=/alerts/", {"username": analyst.email, "password": PASSWORD})
    assert answer["Location"] == STEP
    assert not inside(client)
    assert client.post(STEP, {"code": shown_code()})["Location"] == "/alerts/"
    assert inside(client)
    assert AuditEvent.objects.get(action="user.signed_in").after["by"] == "password+totp"


def test_a_code_is_good_once_and_so_is_a_recovery_code(analyst):
    codes = set_up_app(analyst)
    for code, again in ((shown_code(), False), (codes[0], False)):
        first, second = Client(), Client()
        for each in (first, second):
            sign_in(each, analyst)
        assert first.post(STEP, {"code": code}).status_code == 302
        assert second.post(STEP, {"code": code}).status_code == 200
        assert (inside(first), inside(second)) == (True, again)


def test_without_the_first_step_there_is_no_second(client, analyst):
    set_up_app(analyst)
    assert client.get(STEP)["Location"] == "/login/"
    assert client.post(STEP, {"code": shown_code()})["Location"] == "/login/"
    assert not inside(client)


def test_wrong_codes_lock_and_the_lock_holds_for_the_right_one(client, analyst, settings):
    settings.AXES_FAILURE_LIMIT = 3
    set_up_app(analyst)
    sign_in(client, analyst)
    for _ in range(3):
        assert client.post(STEP, {"code": wrong_code()}).status_code == 200
    assert b"Too many failed attempts" in client.post(STEP, {"code": shown_code()}).content
    assert not inside(client)
    assert sign_in(Client(), analyst).status_code == 429
    assert actions() == ["user.sign_in_failed"] * 3 + ["user.sign_in_locked"]


@pytest.mark.django_db(transaction=True)  # it is told of once it is committed
def test_an_app_is_set_up_after_the_password_was_given_again(client, analyst):
    sign_in(client, analyst)
    assert client.get("/account/two-factor/app/")["Location"].startswith("/account/reauthenticate/")
    prove(client)
    page = client.get("/account/two-factor/app/")
    secret = page.context["form"].secret
    assert client.post("/account/two-factor/app/", {"code": wrong_code()}).status_code == 200
    assert not Authenticator.objects.exists()
    with_codes = client.post("/account/two-factor/app/", {"code": shown_code(secret)})
    assert with_codes["Location"] == "/account/two-factor/recovery-codes/"
    assert secret not in stored(analyst)
    client.get(with_codes["Location"])

    elsewhere = Client()
    sign_in(elsewhere, analyst)
    assert elsewhere.post(STEP, {"code": shown_code(secret)}).status_code == 200  # it has set the app up
    assert not inside(elsewhere)
    assert "recovery_codes.viewed" in actions() and "recovery_codes.made" in actions()
    assert "two_factor.added" in actions()
    assert secret not in str(list(AuditEvent.objects.values()))


@pytest.mark.django_db(transaction=True)  # it is told of once it is committed
def test_what_is_set_up_is_removed_and_renewed_by_its_owner(client, analyst):
    codes = set_up_app(analyst)
    sign_in(client, analyst)
    client.post(STEP, {"code": codes[0]})
    assert client.post("/account/two-factor/app/remove/").status_code == 302
    assert Authenticator.objects.count() == 2  # not before the password
    prove(client)
    client.post("/account/two-factor/recovery-codes/new/")
    page = client.get("/account/two-factor/recovery-codes/").content.decode()
    assert not any(code in page for code in codes)
    client.post("/account/two-factor/app/remove/")
    assert not Authenticator.objects.exists()
    assert "recovery_codes.regenerated" in actions() and "two_factor.removed" in actions()


def test_a_passkey_is_renamed_and_removed_by_its_owner_only(client, analyst, auditor):
    key = Authenticator.objects.create(user=analyst, type="webauthn", data={"name": "Old", "credential": {}})
    theirs = f"/account/two-factor/passkeys/{key.pk}/"
    client.force_login(auditor)
    prove(client)
    assert [client.post(f"{theirs}{end}", {"name": "x"}).status_code for end in ("", "remove/")] == [404, 404]
    client.force_login(analyst)
    prove(client)
    assert client.post(theirs, {"name": "New"}).status_code == 302
    key.refresh_from_db()
    assert key.data["name"] == "New"
    assert client.post(f"{theirs}remove/").status_code == 302
    assert not Authenticator.objects.exists()
    assert AuditEvent.objects.get(action="passkey.removed").after == {"name": "New"}


def test_a_role_that_needs_it_gets_to_nothing_else(client, person, settings):
    somebody = person("admin")
    settings.TWO_FACTOR_ROLES = ["admin", "auditor"]
    sign_in(client, somebody)
    for address in (
        "/",
        "/customers/",
        "/account/",
        "/account/sessions/",
        "/admin/",
        "/settings/notifications/",
    ):
        assert client.get(address)["Location"] == HOME, address
    assert client.post("/account/", {"name": "x"})["Location"] == HOME
    assert client.get("/live/state/", headers={"HX-Request": "true"})["HX-Redirect"] == HOME
    assert client.get("/api/v1/transactions/").status_code == 403
    page = client.get(HOME).content.decode()
    assert "Set up a second factor" in page and 'id="nav"' not in page

    set_up_app(somebody)
    assert [client.get(address).status_code for address in ("/", "/admin/")] == [200, 200]
    assert client.get("/api/v1/transactions/").status_code == 200


def test_other_roles_are_left_alone(client, analyst, settings):
    settings.TWO_FACTOR_ROLES = ["admin", "auditor"]
    sign_in(client, analyst)
    assert inside(client)


def test_the_admin_site_has_no_way_in_of_its_own(client, admin):
    set_up_app(admin)
    answer = client.post("/admin/login/", {"username": admin.email, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=%2Fadmin%2Flogin%2F")
    assert client.get("/admin/").status_code == 302
    sign_in(client, admin)
    assert client.get("/admin/").status_code == 302
    client.post(STEP, {"code": shown_code()})
    assert client.get("/admin/").status_code == 200
    client.post("/admin/logout/")
    assert actions()[-1] == "user.signed_out"


@pytest.fixture
def typed(monkeypatch):
    """What somebody types into the terminal when a command asks for a password."""

    def answer(*passwords):
        given = iter(passwords)
        monkeypatch.setattr("getpass.getpass", lambda prompt="": next(given))

    return answer


def test_changepassword_is_audited_and_ends_what_was_begun(client, analyst, typed):
    sign_in(client, analyst)
    issue_tokens(analyst)
    typed("a fresh horse battery 8", "a fresh horse battery 8")
    call_command("changepassword", analyst.email.upper())
    assert not inside(client)
    assert not TokenFamily.objects.filter(ended_at=None).exists()
    told = AuditEvent.objects.get(action="user.password_changed")
    assert (told.actor_kind, told.actor, told.subject) == ("system", "changepassword", str(analyst.pk))
    assert "fresh horse" not in str(list(AuditEvent.objects.values()))


def test_changepassword_that_is_refused_changes_nothing(client, analyst, typed):
    sign_in(client, analyst)
    typed(*["short"] * 6)
    with pytest.raises(CommandError):
        call_command("changepassword", analyst.email)
    assert inside(client)
    assert "user.password_changed" not in actions()
