from datetime import timedelta

import pytest
from django.utils import timezone

from logs.models import AuditEvent
from users.models import Invitation, User
from users.services.invitations import InvitationRefused, accept, invite, open_invitation, withdraw

pytestmark = pytest.mark.django_db


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def test_an_invitation_gives_its_role_once(admin, person):
    invitation, raw = invite(" New@Example.com", "auditor", admin)
    assert (invitation.email, invitation.role) == ("new@example.com", "auditor")
    assert raw not in str(Invitation.objects.values().get()) and raw not in str(AuditEvent.objects.values())
    assert open_invitation(raw) == invitation
    new = person("analyst", email="new@example.com")
    accept(raw, user=new)
    assert User.objects.get(pk=new.pk).role == "auditor"
    assert actions() == ["invitation.sent", "invitation.accepted"]
    with pytest.raises(InvitationRefused):
        accept(raw, user=new)
    with pytest.raises(InvitationRefused, match="accepted already"):
        withdraw(invitation.pk, acting_user=admin)


def test_it_is_for_its_address_only(admin, analyst):
    invitation, raw = invite("new@example.com", "admin", admin)
    with pytest.raises(InvitationRefused, match="another e-mail"):
        accept(raw, user=analyst)
    analyst.refresh_from_db()
    invitation.refresh_from_db()
    assert (analyst.role, invitation.accepted_at) == ("analyst", None)


@pytest.mark.parametrize(
    ("email", "role", "field"),
    [
        ("x", "admin", "email"),
        ("", "admin", "email"),
        ("a\x00@example.com", "admin", "email"),
        ("\ud800@example.com", "admin", "email"),
        ("a" * 260 + "@example.com", "admin", "email"),
        ("4539578763621486@example.com", "admin", "email"),
        ("new@example.com", "owner", "role"),
        ("KNOWN@example.com", "admin", "email"),
    ],
)
def test_a_wrong_invitation_is_refused(admin, person, email, role, field):
    person(email="known@example.com")
    with pytest.raises(InvitationRefused, match=f"^{field}:"):
        invite(email, role, admin)
    assert not Invitation.objects.exists() and actions() == []


def test_a_second_invitation_replaces_the_first(admin):
    _, first = invite("new@example.com", "analyst", admin)
    invitation, second = invite("new@example.com", "auditor", admin)
    with pytest.raises(InvitationRefused):
        open_invitation(first)
    assert open_invitation(second) == invitation


def test_one_too_old_or_withdrawn_or_made_up_opens_nothing(admin):
    invitation, raw = invite("new@example.com", "analyst", admin)
    withdraw(invitation.pk, acting_user=admin)
    withdraw(invitation.pk, acting_user=admin)
    assert actions() == ["invitation.sent", "invitation.withdrawn"]
    _, old = invite("new@example.com", "analyst", admin)
    Invitation.objects.filter(withdrawn_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    for wrong in (raw, old, "", "x", "\ud800", "\x00"):
        with pytest.raises(InvitationRefused):
            open_invitation(wrong)
