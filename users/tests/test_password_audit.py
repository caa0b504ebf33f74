"""Passwords changed in the admin site leave an event that names who, whose, and no secret."""

import pytest

from logs.models import AuditEvent
from tests.fixtures import PASSWORD

pytestmark = pytest.mark.django_db
FRESH = "another horse battery 7"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def event() -> dict:
    (found,) = AuditEvent.objects.filter(action="user.password_changed").values()
    return found


def change(client, user, first: str, second: str):
    form = {"usable_password": "true", "password1": first, "password2": second, "set-password": "1"}
    return client.post(f"/admin/users/user/{user.pk}/password/", form)


def test_an_admin_sets_somebody_elses_password(client, admin, analyst):
    client.force_login(admin, backend=BACKEND)
    assert change(client, analyst, FRESH, FRESH).status_code == 302
    analyst.refresh_from_db()
    assert analyst.check_password(FRESH)

    told = event()
    assert (told["actor_kind"], told["actor"]) == ("user", admin.email)
    assert (told["subject_kind"], told["subject"]) == ("user", str(analyst.pk))
    assert told["request_id"] != ""
    assert FRESH not in str(told) and analyst.password not in str(told)


@pytest.mark.parametrize(("first", "second"), [(FRESH, "something else 8"), ("short", "short")])
def test_a_refused_password_is_no_change(client, admin, analyst, first, second):
    client.force_login(admin, backend=BACKEND)
    assert change(client, analyst, first, second).status_code == 200
    analyst.refresh_from_db()
    assert analyst.check_password(PASSWORD)
    assert not AuditEvent.objects.filter(action="user.password_changed").exists()


def test_an_auditor_changes_nobodys(client, auditor, analyst):
    client.force_login(auditor, backend=BACKEND)
    assert change(client, analyst, FRESH, FRESH).status_code == 403
    analyst.refresh_from_db()
    assert analyst.check_password(PASSWORD)
    assert not AuditEvent.objects.filter(action="user.password_changed").exists()


def test_nobody_of_this_number_is_not_found(client, admin):
    client.force_login(admin, backend=BACKEND)
    admin.pk = 10**9
    assert change(client, admin, FRESH, FRESH).status_code == 404
    assert not AuditEvent.objects.filter(action="user.password_changed").exists()


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_somebody_changes_their_own(client, person, role):
    somebody = person(role)
    client.force_login(somebody, backend=BACKEND)
    form = {"old_password": PASSWORD, "new_password1": FRESH, "new_password2": FRESH}
    assert client.post("/admin/password_change/", form).status_code == 302
    somebody.refresh_from_db()
    assert somebody.check_password(FRESH)

    told = event()
    assert (told["actor"], told["subject"]) == (somebody.email, str(somebody.pk))
    assert FRESH not in str(told) and PASSWORD not in str(told)
