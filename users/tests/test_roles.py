"""People by e-mail, and the one table of who may do what."""

import pytest
from django.db import IntegrityError, transaction

from users.models import ApiKey, User
from users.roles import Ability, Role, Scope, role_can, scopes_can

ROLES = {
    Role.ADMIN: set(Ability),
    Role.ANALYST: set(Ability)
    - {
        *(Ability.READ_AUDIT, Ability.MANAGE, Ability.APPROVE_RULES),
        *(Ability.READ_REPORTS, Ability.FILE_REPORTS, Ability.PRIVACY),
    },
    Role.AUDITOR: {Ability.READ, Ability.READ_METRICS, Ability.READ_AUDIT, Ability.READ_REPORTS},
}
SCOPES = {
    Scope.INGEST: {Ability.DECIDE},
    Scope.READ: {Ability.READ, Ability.READ_METRICS},
    Scope.LABELS: {Ability.LABEL},
    Scope.JOBS: {Ability.RUN_JOBS},
    Scope.ADMIN: set(Ability),
}


@pytest.mark.parametrize("role", Role)
def test_what_a_role_may_do(role):
    assert {ability for ability in Ability if role_can(role, ability)} == ROLES[role]


@pytest.mark.parametrize("scope", Scope)
def test_what_a_scope_may_do(scope):
    assert {ability for ability in Ability if scopes_can([scope], ability)} == SCOPES[scope]


def test_scopes_add_up_and_strangers_may_do_nothing():
    both = {ability for ability in Ability if scopes_can(["ingest", "labels"], ability)}
    assert both == {Ability.DECIDE, Ability.LABEL}
    assert not any(role_can("owner", ability) or scopes_can(["everything"], ability) for ability in Ability)
    assert not any(scopes_can([], ability) for ability in Ability)
    assert ApiKey(scopes=["read"]).can(Ability.READ) and not ApiKey(scopes=["read"]).can(Ability.DECIDE)


def test_who_left_may_do_nothing():
    assert User(role=Role.ADMIN).can(Ability.MANAGE) and User(role=Role.ADMIN).is_staff
    gone = User(role=Role.ADMIN, is_active=False)
    assert not gone.is_staff and not any(gone.can(ability) for ability in Ability)


@pytest.mark.parametrize(("role", "staff"), [("admin", True), ("auditor", True), ("analyst", False)])
def test_the_admin_site_is_for_admins_and_auditors(role, staff):
    assert User(role=role).is_staff is staff


@pytest.mark.parametrize(
    ("email", "name", "initials"),
    [("ana.analyst@x.org", "", "AA"), ("bob@x.org", "", "B"), ("x@x.org", "Otto van Auditor", "OV")],
)
def test_initials(email, name, initials):
    assert User(email=email, name=name).initials == initials


@pytest.mark.django_db
class TestEmail:
    def test_people_are_found_in_any_case(self):
        made = User.objects.create_user("Ana@Example.COM", "secret")
        assert made.email == "ana@example.com"
        assert User.objects.get_by_natural_key("ANA@example.com") == made

    def test_the_database_refuses_the_same_address_in_another_case(self):
        User.objects.create_user("ana@example.com", "secret")
        with pytest.raises(IntegrityError, match="users_user_email_ci"), transaction.atomic():
            User.objects.bulk_create([User(email="ANA@example.com")])
        assert list(User.objects.values_list("email", flat=True)) == ["ana@example.com"]

    def test_an_address_is_needed_and_a_role_must_be_known(self):
        with pytest.raises(ValueError, match="email: is required"):
            User.objects.create_user("", "secret")
        with pytest.raises(IntegrityError, match="users_user_role_known"), transaction.atomic():
            User.objects.create_user("x@example.com", "secret", role="owner")
        assert not User.objects.exists()

    def test_an_admin_who_adds_somebody_in_capitals_can_be_signed_in(self, admin, client):
        client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
        form = {
            "email": "Bob@Example.com",
            "name": "Bob",
            "role": "analyst",
            "usable_password": "true",
            "password1": "correct horse 9",
            "password2": "correct horse 9",
        }
        assert client.post("/admin/users/user/add/", form).status_code == 302
        bob = User.objects.get(name="Bob")
        assert (bob.email, bob.check_password("correct horse 9")) == ("bob@example.com", True)

    def test_a_form_refuses_the_same_address_in_another_case(self, admin, client):
        client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
        form = {"email": admin.email.upper(), "role": "admin", "usable_password": "false"}
        answer = client.post("/admin/users/user/add/", form)
        assert answer.status_code == 200 and answer.context["errors"]
        assert User.objects.count() == 1
