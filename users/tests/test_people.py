"""What admins do to accounts: what ends at once, what nobody may do, and two at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from logs.models import AuditEvent
from users.models import User
from users.selectors.people import filtered_people, people
from users.selectors.tokens import person_of_token
from users.services.people import (
    OwnAccount,
    PersonConflict,
    PersonRefused,
    change_role,
    deactivate,
    end_everything,
    reactivate,
    reset_two_factor,
    unlock,
)
from users.services.tokens import issue_tokens

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
DEEDS = [
    lambda who, by: change_role(who.pk, "auditor", acting_user=by),
    lambda who, by: deactivate(who.pk, acting_user=by),
    lambda who, by: reactivate(who.pk, acting_user=by),
    lambda who, by: reset_two_factor(who.pk, acting_user=by),
    lambda who, by: unlock(who.pk, acting_user=by),
    lambda who, by: end_everything(who.pk, acting_user=by),
]


def told() -> list[tuple]:
    return list(AuditEvent.objects.order_by("id").values_list("action", "actor", "subject"))


def signed_in(person) -> Client:
    browser = Client()
    browser.force_login(person, backend=BACKEND)
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/alerts/").status_code == 200


def test_another_role_ends_tokens_and_counts_at_the_next_request(admin, analyst):
    access, browser = AccessToken(issue_tokens(analyst).access), signed_in(analyst)
    assert is_in(browser) and person_of_token(access) == analyst
    change_role(analyst.pk, "auditor", acting_user=admin, seen="analyst")
    assert person_of_token(access) is None
    assert browser.get("/cases/new/").status_code == 403  # analysts may
    assert told() == [("user.role_changed", admin.email, str(analyst.pk))]
    change_role(analyst.pk, "auditor", acting_user=admin)
    assert len(told()) == 1


def test_a_stale_view_of_a_role_is_a_conflict(admin, analyst):
    with pytest.raises(PersonConflict, match="analyst meanwhile"):
        change_role(analyst.pk, "admin", acting_user=admin, seen="auditor")
    with pytest.raises(PersonRefused, match="role: one of"):
        change_role(analyst.pk, "owner", acting_user=admin)
    assert User.objects.get(pk=analyst.pk).role == "analyst" and told() == []


def test_who_is_deactivated_is_out_and_stays_out_of_old_sessions(admin, analyst):
    access, browser = AccessToken(issue_tokens(analyst).access), signed_in(analyst)
    deactivate(analyst.pk, acting_user=admin)
    deactivate(analyst.pk, acting_user=admin)
    assert person_of_token(access) is None and not is_in(browser)
    reactivate(analyst.pk, acting_user=admin)
    reactivate(analyst.pk, acting_user=admin)
    assert person_of_token(access) is None and not is_in(browser)
    assert is_in(signed_in(User.objects.get(pk=analyst.pk)))
    assert [action for action, *_ in told()] == ["user.deactivated", "user.reactivated"]


@pytest.mark.parametrize("role", ["analyst", "auditor"])
@pytest.mark.parametrize("deed", DEEDS)
def test_only_active_admins_do_it(person, admin, deed, role):
    somebody, other = person(role), person("analyst")
    with pytest.raises(PermissionDenied):
        deed(other, somebody)
    User.objects.filter(pk=admin.pk).update(is_active=False)
    with pytest.raises(PermissionDenied):
        deed(other, admin)
    assert User.objects.get(pk=other.pk).session_epoch == 0 and told() == []


def test_nobody_does_it_to_themselves(admin, person):
    person("admin")
    for deed in (DEEDS[0], DEEDS[1], DEEDS[3]):
        with pytest.raises(OwnAccount):
            deed(admin, admin)
    assert User.objects.get(pk=admin.pk).role == "admin" and told() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("deed", [DEEDS[0], DEEDS[1]])
def test_of_two_admins_who_remove_each_other_at_once_one_stays(person, deed):
    first, second = person("admin"), person("admin")

    def remove(pair: tuple[User, User]) -> str:
        try:
            deed(*pair)
        except PermissionDenied:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(remove, [(first, second), (second, first)]))
    assert found == ["done", "refused"]
    assert User.objects.filter(role="admin", is_active=True).count() == 1
    assert len(told()) == 1


def test_second_factors_are_forgotten_and_everything_ends(admin, analyst):
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=analyst, type=kind, data={})
    browser = signed_in(analyst)
    assert people(timezone.now()).get(pk=analyst.pk).two_factor
    assert reset_two_factor(analyst.pk, acting_user=admin) == 2
    assert not people(timezone.now()).get(pk=analyst.pk).two_factor and not is_in(browser)
    assert told() == [("user.two_factor_reset", admin.email, str(analyst.pk))]


def test_a_lock_is_lifted_wherever_it_came_from(admin, analyst, anyone, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        anyone.post("/api/v1/token/", {"email": analyst.email.upper(), "password": "guess"})
    AccessAttempt.objects.create(username=analyst.email, ip_address="10.9.9.9", failures_since_start=99)
    AccessAttempt.objects.create(username=admin.email, ip_address="10.9.9.9", failures_since_start=1)
    assert list(filtered_people(people(timezone.now()), state="locked")) == [analyst]
    assert unlock(analyst.pk, acting_user=admin) == 2
    assert not people(timezone.now()).get(pk=analyst.pk).locked
    assert AccessAttempt.objects.get().username == admin.email
    right = anyone.post(
        "/api/v1/token/", {"email": analyst.email, "password": "correct horse battery staple"}
    )
    assert right.status_code == 200


def test_ending_everything_ends_ones_own_too(admin):
    access, browser = AccessToken(issue_tokens(admin).access), signed_in(admin)
    end_everything(admin.pk, acting_user=admin)
    assert person_of_token(access) is None and not is_in(browser)


def test_the_list_finds_and_counts(admin, analyst, auditor):
    issue_tokens(analyst)
    issue_tokens(analyst)
    User.objects.filter(pk=auditor.pk).update(is_active=False)
    everybody = people(timezone.now())
    assert everybody.get(pk=analyst.pk).token_count == 2
    assert everybody.get(pk=admin.pk).token_count == everybody.get(pk=admin.pk).session_count == 0
    assert list(filtered_people(everybody, text=analyst.email[:9].upper())) == [analyst]
    assert list(filtered_people(everybody, role="admin")) == [admin]
    assert list(filtered_people(everybody, state="inactive")) == [auditor]
    assert set(filtered_people(everybody, state="no_two_factor")) == {admin, analyst}
