"""Single sign-on against a provider that really answers: who comes in, as what, and who does not."""

from copy import deepcopy

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from dashboard.tests.identity_provider import CLIENT, SECRET, serving
from logs.models import AuditEvent
from tests.fixtures import PASSWORD
from users.models import User

pytestmark = pytest.mark.django_db
ANA = {"sub": "u-1", "email": "Ana@example.com", "email_verified": True, "name": "Ana Lyst"}


@pytest.fixture(scope="module")
def running():
    with serving() as provider:
        yield provider


@pytest.fixture
def provider(running, settings):
    running.claims, running.id_changes, running.signing_key = dict(ANA), {}, running.key
    providers = deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    app = {"provider_id": "sso", "name": "company sign-on", "client_id": CLIENT, "secret": SECRET}
    providers["openid_connect"]["APPS"] = [app | {"settings": {"server_url": running.address}}]
    settings.SOCIALACCOUNT_PROVIDERS, settings.OIDC_ENABLED = providers, True
    settings.OIDC_DEFAULT_ROLE, settings.OIDC_ROLE_CLAIM = "auditor", "groups"
    settings.OIDC_ROLES = {"fraud-admins": "admin", "fraud-team": "analyst"}
    return running


def come_in(client, query=""):
    """Through the provider and back, as a browser would; the answer to the callback."""
    begun = client.get(f"/account/sso/login/{query}")
    assert begun.status_code == 302, begun.content
    back = requests.get(begun["Location"], allow_redirects=False, timeout=5).headers["Location"]
    return client.get(back.removeprefix("http://testserver"))


def test_somebody_new_comes_in_with_the_default_role(client, provider):
    assert come_in(client, "?next=/customers/")["Location"] == "/customers/"
    somebody = User.objects.get()
    assert (somebody.email, somebody.name, somebody.role) == ("ana@example.com", "Ana Lyst", "auditor")
    assert not somebody.has_usable_password()
    assert client.get("/customers/").status_code == 200
    told = AuditEvent.objects.order_by("pk").values_list("action", "after__by")
    assert list(told) == [("user.registered", "sso"), ("user.signed_in", "sso")]


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["fraud-team"], "analyst"),
        (["others", "fraud-team", "fraud-admins"], "admin"),
        ("fraud-team", "analyst"),
        (["admin"], "auditor"),
        ([["fraud-admins"], 7, None], "auditor"),
    ],
)
def test_the_claim_gives_the_role_and_admin_only_by_name(client, provider, groups, role):
    provider.claims["groups"] = groups
    come_in(client)
    assert User.objects.get().role == role


def test_coming_again_is_the_same_person_with_the_role_of_today(client, provider):
    provider.claims["groups"] = ["fraud-admins"]
    come_in(client)
    provider.claims |= {"groups": ["fraud-team"], "email": "renamed@example.com"}
    come_in(Client())
    assert User.objects.get().role == "analyst"
    changed = AuditEvent.objects.get(action="user.changed")
    assert (changed.actor, changed.before, changed.after) == ("sso", {"role": "admin"}, {"role": "analyst"})


def test_without_a_role_nobody_comes_in(client, provider, settings):
    settings.OIDC_DEFAULT_ROLE = ""
    answer = come_in(client)
    assert (answer.status_code, User.objects.exists()) == (403, False)
    assert b"gives you a role" in answer.content


@pytest.mark.parametrize("verified", [False, None, "true"])
def test_an_address_nobody_vouches_for_is_refused(client, provider, verified):
    provider.claims["email_verified"] = verified
    assert come_in(client).status_code == 403
    assert not User.objects.exists()


@pytest.mark.parametrize("led_from", ["cross-site", "same-site", "none"])
def test_no_other_page_begins_to_connect(client, provider, analyst, led_from):
    client.force_login(analyst)
    headers = {"Sec-Fetch-Site": led_from}
    answer = client.get("/account/sso/login/?process=connect", headers=headers)
    assert (answer.status_code, answer["Location"]) == (302, "/account/sso/")
    own = client.get("/account/sso/login/?process=connect", headers={"Sec-Fetch-Site": "same-origin"})
    assert own["Location"].startswith("http://127.0.0.1")


def test_an_account_with_a_password_is_not_taken_over(client, provider, person):
    somebody = person("admin", email="ana@example.com")
    answer = come_in(client)
    assert answer.status_code == 403
    assert client.get("/customers/").status_code == 302
    assert not SocialAccount.objects.exists()

    client.post("/login/", {"username": somebody.email, "password": PASSWORD})
    come_in(client, "?process=connect")  # by its owner it is
    assert SocialAccount.objects.get().user == somebody
    fresh = Client()
    assert come_in(fresh)["Location"] == "/"
    assert fresh.get("/customers/").status_code == 200
    assert User.objects.get().role == "admin"
    assert AuditEvent.objects.filter(action="sso.connected").count() == 1


def test_linking_by_address_is_a_choice_of_the_operator(client, provider, person, settings):
    settings.OIDC_LINK_BY_EMAIL = True
    somebody = person("analyst", email="ana@example.com")
    come_in(client)
    assert SocialAccount.objects.get().user == somebody
    assert User.objects.get().role == "analyst"


def test_who_was_deactivated_stays_out(client, provider):
    come_in(client)
    User.objects.update(is_active=False)
    fresh = Client()
    assert come_in(fresh)["Location"] == "/account/inactive/"
    assert fresh.get("/customers/").status_code == 302


@pytest.mark.parametrize(
    "lie",
    [
        {"aud": "somebody-else"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"sub": "u-2"},
    ],
)
def test_a_token_that_is_not_ours_is_refused(client, provider, lie):
    provider.id_changes = lie
    assert b"Single sign-on failed" in come_in(client).content
    assert not User.objects.exists()


def test_a_token_signed_by_somebody_else_is_refused(client, provider):
    provider.signing_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert b"Single sign-on failed" in come_in(client).content
    assert not User.objects.exists()


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(client, provider):
    begun = client.get("/account/sso/login/")
    back = requests.get(begun["Location"], allow_redirects=False, timeout=5).headers["Location"]
    stranger = Client()
    assert b"Single sign-on failed" in stranger.get(back.removeprefix("http://testserver")).content
    assert b"Single sign-on failed" in stranger.get("/account/sso/callback/?code=x&state=y").content
    assert not User.objects.exists()


def test_a_provider_that_is_away_is_told_of(client, provider, settings):
    providers = deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    providers["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    settings.SOCIALACCOUNT_PROVIDERS = providers
    assert b"Single sign-on failed" in client.get("/account/sso/login/").content


def test_two_factor_is_asked_for_after_it_too(client, provider):
    from tests.second_factor import set_up_app, shown_code

    come_in(client)
    set_up_app(User.objects.get())
    fresh = Client()
    assert come_in(fresh)["Location"] == "/account/two-factor/sign-in/"
    assert fresh.get("/customers/").status_code == 302
    assert fresh.post("/account/two-factor/sign-in/", {"code": shown_code()}).status_code == 302
    assert fresh.get("/customers/").status_code == 200


def test_without_a_provider_there_is_nothing(client, db):
    assert client.get("/account/sso/login/").status_code == 404
    assert client.get("/account/sso/callback/?code=x&state=y").status_code == 404
    assert "/account/sso/" not in client.get("/login/").content.decode()
