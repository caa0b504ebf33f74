"""Who is let in: keys, tokens, sessions, and what happens to those who are not."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from logs.models import AuditEvent
from tests.fixtures import PASSWORD
from transactions.models import Transaction
from users.models import ApiKey, TokenFamily, User
from users.selectors import forget_cached_keys
from users.services import revoke_api_key
from users.services.tokens import issue_tokens

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]
URL = "/api/v1/transactions/"
TOKEN = "/api/v1/token/"


def test_nobody_is_asked_to_say_who_they_are(anyone, payment):
    answer = anyone.post(URL, payment())
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="FraudGuard", ApiKey realm="FraudGuard"'
    assert answer.json()["title"] == "Not authenticated"
    assert not Transaction.objects.exists()


@pytest.mark.parametrize(
    "raw", ["", "fg_", "fg_00000000_" + "0" * 64, "é" * 20, "x" * 5000, "fg__", "fg_%00_a"]
)
def test_a_wrong_key_is_refused_even_where_nobody_need_be_known(settings, raw):
    settings.RATE_LIMIT_REQUESTS = 1_000
    client = APIClient(headers={"X-API-Key": raw.encode().decode("latin-1")})
    assert client.get(URL).status_code == 401
    assert client.get("/api/v1/nothing").status_code == 401
    assert client.get("/api/v1/health/").status_code == 200


def test_a_key_with_one_character_changed_is_refused(api_key):
    raw = api_key("read")
    assert APIClient(headers={"X-API-Key": raw}).get(URL).status_code == 200
    changed = raw[:-1] + ("0" if raw[-1] != "0" else "1")
    assert APIClient(headers={"X-API-Key": changed}).get(URL).status_code == 401


def test_a_revoked_and_an_expired_key_are_refused(as_key):
    client = as_key("read")
    assert client.get(URL).status_code == 200
    revoke_api_key(prefix=ApiKey.objects.get().prefix, revoked_by="tests")
    forget_cached_keys()
    assert client.get(URL).status_code == 401
    client = as_key("read", expires_at=timezone.now() + timedelta(hours=1))
    assert client.get(URL).status_code == 200
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    forget_cached_keys()
    assert client.get(URL).status_code == 401


def test_a_key_with_networks_is_refused_from_elsewhere(as_key):
    client = as_key("read", allowed_networks=["10.1.0.0/16"])
    assert client.get(URL, REMOTE_ADDR="10.1.2.3").status_code == 200
    assert client.get(URL, REMOTE_ADDR="10.2.2.3").status_code == 401
    assert client.get(URL, REMOTE_ADDR="10.2.2.3", headers={"X-Forwarded-For": "10.1.2.3"}).status_code == 401


def test_behind_our_proxy_its_entry_is_the_address(as_key, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    client = as_key("read", allowed_networks=["10.1.0.0/16"])
    assert client.get(URL, headers={"X-Forwarded-For": "8.8.8.8, 10.1.2.3"}).status_code == 200
    assert client.get(URL, headers={"X-Forwarded-For": "10.1.2.3, 8.8.8.8"}).status_code == 401


def test_a_scope_does_not_reach_further(as_key, payment):
    assert as_key("read").post(URL, payment()).status_code == 403
    assert as_key("ingest").get(URL).status_code == 403
    assert not Transaction.objects.exists()


def test_environment_keys_are_keys_of_their_names(settings, payment):
    settings.FRONTEND_API_KEY, settings.ADMIN_API_KEY = "front-secret", "admin-secret"
    front = APIClient(headers={"X-API-Key": "front-secret"})
    assert front.post(URL, payment()).status_code == 201
    assert Transaction.objects.get().client.name == "frontend"
    assert APIClient(headers={"X-API-Key": "admin-secret"}).get(URL).status_code == 200
    settings.FRONTEND_API_KEY = ""
    assert front.get(URL).status_code == 401
    assert APIClient(headers={"X-API-Key": ""}).get(URL).status_code == 401


@pytest.mark.parametrize("name", ["email", "username"])
def test_people_get_a_token_by_email_and_password(anyone, analyst, name):
    answer = anyone.post(TOKEN, {name: analyst.email.upper(), "password": PASSWORD})
    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh"}
    signed_in = APIClient(headers={"Authorization": f"Bearer {answer.json()['access']}"})
    assert signed_in.get(URL).status_code == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [({"password": "wrong"}, 401), ({"email": "nobody@example.com"}, 401), ({"email": "a\ud800"}, 422)],
)
def test_wrong_credentials_give_no_token(anyone, analyst, change, status):
    import json

    body = json.dumps({"email": analyst.email, "password": PASSWORD} | change)
    answer = anyone.post(TOKEN, body, content_type="application/json")
    assert answer.status_code == status
    assert "access" not in answer.json()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "a@example.com"}, "/password"),
        ({"password": "x"}, "/email"),
        ({"email": 5, "password": "x"}, "/email"),
        ({"email": "a\x00", "password": "x"}, "/email"),
        ({"email": "a", "password": "x", "role": "admin"}, "/role"),
    ],
)
def test_a_token_request_names_what_is_wrong(anyone, db, body, pointer):
    answer = anyone.post(TOKEN, body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


def test_somebody_inactive_gets_no_token_and_loses_theirs(anyone, as_person):
    client = as_person("analyst")
    assert client.get(URL).status_code == 200
    User.objects.update(is_active=False)
    assert client.get(URL).status_code == 401
    assert anyone.post(TOKEN, {"email": client.person.email, "password": PASSWORD}).status_code == 401


def test_guessing_is_locked_out_as_a_problem(anyone, analyst, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        last = anyone.post(TOKEN, {"email": analyst.email, "password": "guess"})
    assert last.status_code == 429
    answer = anyone.post(TOKEN, {"email": analyst.email, "password": PASSWORD})
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert answer["Content-Type"] == "application/problem+json"


def reads(pair: dict) -> int:
    return APIClient(headers={"Authorization": f"Bearer {pair['access']}"}).get(URL).status_code


def test_refresh_tokens_work_once_each(anyone, analyst):
    first = anyone.post(TOKEN, {"email": analyst.email, "password": PASSWORD}).json()
    second = anyone.post(f"{TOKEN}refresh/", {"refresh": first["refresh"]}).json()
    third = anyone.post(f"{TOKEN}refresh/", {"refresh": second["refresh"]}).json()
    assert len({first["refresh"], second["refresh"], third["refresh"]}) == 3
    assert [reads(pair) for pair in (first, second, third)] == [200, 200, 200]


def test_a_refresh_token_used_twice_ends_its_family_and_no_other(anyone, analyst):
    first, other = (
        anyone.post(TOKEN, {"email": analyst.email, "password": PASSWORD}).json() for _ in range(2)
    )
    second = anyone.post(f"{TOKEN}refresh/", {"refresh": first["refresh"]}).json()
    assert anyone.post(f"{TOKEN}refresh/", {"refresh": first["refresh"]}).status_code == 401
    assert anyone.post(f"{TOKEN}refresh/", {"refresh": second["refresh"]}).status_code == 401
    assert [reads(pair) for pair in (first, second, other)] == [401, 401, 200]
    assert anyone.post(f"{TOKEN}refresh/", {"refresh": other["refresh"]}).status_code == 200
    (told,) = AuditEvent.objects.filter(action="token.reused")
    assert (told.subject, told.request_id != "") == (str(analyst.pk), True)


def test_a_revoked_family_is_dead_with_its_access_tokens(anyone, analyst):
    first = anyone.post(TOKEN, {"email": analyst.email, "password": PASSWORD}).json()
    assert reads(first) == 200
    assert anyone.post(f"{TOKEN}revoke/", {"refresh": first["refresh"]}).status_code == 204
    assert reads(first) == 401
    assert anyone.post(f"{TOKEN}refresh/", {"refresh": first["refresh"]}).status_code == 401
    assert anyone.post(f"{TOKEN}revoke/", {"refresh": first["refresh"]}).status_code == 401


@pytest.mark.parametrize(
    "family", [None, "", "x", 5, ["a"], "0" * 32, "5f0c2f7e-8a8e-4a9b-9d0e-3b1f6c1d2e4a"]
)
def test_a_signed_token_of_no_family_of_its_person_is_a_401(analyst, auditor, family):
    token = AccessToken.for_user(analyst)
    token["family"] = family
    assert reads({"access": token}) == 401
    stranger = AccessToken.for_user(auditor)
    issue_tokens(analyst)
    stranger["family"] = TokenFamily.objects.get().pk.hex
    assert reads({"access": stranger}) == 401


@pytest.mark.parametrize("route", ["refresh/", "revoke/"])
def test_a_made_up_refresh_token_is_refused(anyone, analyst, route):
    access = anyone.post(TOKEN, {"email": analyst.email, "password": PASSWORD}).json()["access"]
    for wrong in ("", "abc", "a.b.c", access):
        assert anyone.post(TOKEN + route, {"refresh": wrong}).status_code == (401 if wrong else 422)


@pytest.mark.parametrize("header", ["Bearer x", "Bearer a.b.c", "Bearer é", "Bearer a b"])
def test_a_wrong_bearer_token_is_a_401_problem(settings, header):
    settings.RATE_LIMIT_REQUESTS = 1_000
    answer = APIClient(headers={"Authorization": header.encode().decode("latin-1")}).get(URL)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_a_deleted_person_cannot_refresh(anyone, analyst):
    refresh = anyone.post(TOKEN, {"email": analyst.email, "password": PASSWORD}).json()["refresh"]
    User.objects.filter(pk=analyst.pk).delete()
    assert anyone.post(f"{TOKEN}refresh/", {"refresh": refresh}).status_code == 401


def test_a_session_needs_the_csrf_token_to_write(analyst, payment, settings):
    settings.RATE_LIMIT_REQUESTS = 1_000
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(analyst, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(URL).status_code == 200
    assert client.post(URL, payment()).status_code == 403
    client.cookies["csrftoken"] = "a" * 32
    assert client.post(URL, payment(), headers={"X-CSRFToken": "a" * 32}).status_code == 201


@pytest.mark.parametrize("user_id", [[1], "x", "1e3", {}, None, 10**30, "9" * 5_000])
def test_a_signed_token_that_names_nobody_is_a_401(user_id):
    token = AccessToken()
    token["user_id"] = user_id
    answer = APIClient(headers={"Authorization": f"Bearer {token}"}).get(URL)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


def test_a_refresh_token_that_names_nobody_is_a_401(anyone):
    token = RefreshToken()
    token["user_id"] = "x"
    assert anyone.post(f"{TOKEN}refresh/", {"refresh": str(token)}).status_code == 401
