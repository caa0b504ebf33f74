"""The admin site goes the way of the page of people, and shows no secret."""

import pytest
from allauth.mfa.models import Authenticator

from logs.models import AuditEvent
from users.models import User

pytestmark = pytest.mark.django_db
LIST = "/admin/users/user/"


@pytest.fixture
def site(client, admin):
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    client.person = admin
    return client


def act(site, action: str, *people: User):
    return site.post(LIST, {"action": action, "_selected_action": [one.pk for one in people]}, follow=True)


def test_actions_do_what_the_page_does(site, analyst, auditor):
    act(site, "make_auditor", analyst)
    act(site, "deactivate", analyst, auditor)
    act(site, "reactivate", analyst)
    for action in ("reset_two_factor", "unlock", "sign_out"):
        act(site, action, analyst)
    found = list(User.objects.order_by("pk").values_list("pk", "role", "is_active"))
    assert (analyst.pk, "auditor", True) in found and (auditor.pk, "auditor", False) in found
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == [
        "user.role_changed", "user.deactivated", "user.deactivated", "user.reactivated",
        "user.two_factor_reset", "user.unlocked", "user.access_ended",
    ]  # fmt: skip


def test_who_it_is_refused_for_is_named_and_the_others_are_done(site, person):
    other = person("analyst")
    answer = act(site, "deactivate", site.person, other)
    assert b"Ask another admin to deactivate your own account" in answer.content
    assert list(User.objects.filter(is_active=True)) == [site.person]


def test_the_form_changes_neither_role_nor_place(site, analyst):
    form = {"email": analyst.email, "name": "Ana", "role": "admin"}
    assert site.post(f"{LIST}{analyst.pk}/change/", form).status_code == 302
    changed = User.objects.get(pk=analyst.pk)
    assert (changed.name, changed.role, changed.is_active) == ("Ana", "analyst", True)


@pytest.mark.parametrize("app", ["socialaccount/socialapp", "socialaccount/socialtoken"])
def test_secrets_of_single_sign_on_are_nowhere(site, app):
    assert site.get(f"/admin/{app}/").status_code == 404


def test_second_factors_are_seen_without_their_secrets(site, analyst):
    kept = Authenticator.objects.create(user=analyst, type="totp", data={"secret": "s3cr3t-data"})
    shown = site.get(f"/admin/mfa/authenticator/{kept.pk}/change/")
    assert shown.status_code == 200 and b"s3cr3t-data" not in shown.content
    assert site.post(f"/admin/mfa/authenticator/{kept.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Authenticator.objects.exists()
