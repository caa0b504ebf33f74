"""Tokens honour two-factor: a code is asked for, is good once, and guessing it locks."""

import pytest

from logs.models import AuditEvent
from tests.fixtures import PASSWORD
from tests.second_factor import SECRET, set_up_app, shown_code, stored, wrong_code
from users.models import TokenFamily

pytestmark = pytest.mark.django_db
TOKEN = "/api/v1/token/"


def ask(client, user, **fields):
    return client.post(TOKEN, {"email": user.email, "password": PASSWORD} | fields)


def test_without_a_code_there_is_no_token(anyone, analyst):
    set_up_app(analyst)
    answer = ask(anyone, analyst)
    assert answer.status_code == 401
    assert answer.json()["errors"] == [{"pointer": "/otp", "code": "otp_required", "detail": "is required"}]
    assert not TokenFamily.objects.exists()


def test_a_code_gives_tokens_once(anyone, analyst):
    set_up_app(analyst)
    code = shown_code()
    assert set(ask(anyone, analyst, otp=code).json()) == {"access", "refresh"}
    assert ask(anyone, analyst, otp=code).status_code == 401
    assert ask(anyone, analyst, otp=shown_code(later=-1)).status_code == 401  # an earlier one neither
    assert ask(anyone, analyst, otp=shown_code(later=1)).status_code == 200
    assert TokenFamily.objects.count() == 2


def test_a_recovery_code_works_once(anyone, analyst):
    codes = set_up_app(analyst)
    assert ask(anyone, analyst, otp=codes[0]).status_code == 200
    assert ask(anyone, analyst, otp=codes[0]).status_code == 401
    assert ask(anyone, analyst, otp=codes[1]).status_code == 200


def test_somebody_elses_code_is_no_code(anyone, analyst, auditor):
    set_up_app(analyst)
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(auditor, "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
    assert ask(anyone, analyst, otp=shown_code("KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")).status_code == 401


@pytest.mark.parametrize("otp", ["", "x" * 64, "१२३४५६", "é", " ", "0" * 10])
def test_odd_codes_are_refused(anyone, analyst, otp):
    set_up_app(analyst)
    assert ask(anyone, analyst, otp=otp).status_code in (401, 422)
    assert not TokenFamily.objects.exists()


def test_guessing_codes_locks_like_guessing_passwords(anyone, analyst, settings):
    settings.AXES_FAILURE_LIMIT = 3
    set_up_app(analyst)
    wrong = wrong_code()
    assert [ask(anyone, analyst, otp=wrong).status_code for _ in range(3)] == [401, 401, 429]
    answer = ask(anyone, analyst, otp=shown_code())
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["user.sign_in_failed"] * 3 + ["user.sign_in_locked"]


def test_secrets_are_stored_encrypted(analyst):
    codes = set_up_app(analyst)
    kept = stored(analyst)
    assert SECRET not in kept
    assert not any(code in kept for code in codes)


def test_a_role_that_needs_two_factor_gets_no_token_without(anyone, as_person, settings):
    settings.TWO_FACTOR_ROLES = ["analyst"]
    client = as_person("analyst")
    answer = ask(anyone, client.person)
    assert answer.status_code == 403
    assert "two-factor" in answer.json()["detail"]
    assert client.get("/api/v1/transactions/").status_code == 403  # nor does one from before open anything
    set_up_app(client.person)
    assert client.get("/api/v1/transactions/").status_code == 200
    assert ask(anyone, client.person, otp=shown_code()).status_code == 200


def test_who_has_not_verified_their_address_gets_no_token(anyone, person):
    somebody = person("analyst", awaits_verification=True)
    assert ask(anyone, somebody).status_code == 401
    assert not TokenFamily.objects.exists()


def test_the_trail_tells_how_and_never_what(anyone, analyst):
    set_up_app(analyst)
    code = shown_code()
    ask(anyone, analyst, password="Wrong-Horse-9")
    anyone.post(TOKEN, {"email": "My-Secret-Password", "password": "x"})
    ask(anyone, analyst, otp=code)
    told = str(list(AuditEvent.objects.values()))
    assert "token: password+totp" in told
    assert not any(secret in told for secret in (PASSWORD, "Wrong-Horse-9", "My-Secret", "my-secret", code))
