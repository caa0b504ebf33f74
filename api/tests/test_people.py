"""People and invitations by way of the API: what each deed answers, and what is refused."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail

from logs.models import AuditEvent
from users.models import Invitation, User
from users.services.invitations import open_invitation
from users.services.tokens import issue_tokens

pytestmark = pytest.mark.django_db
URL = "/api/v1/people/"


def test_the_list_says_what_an_admin_needs(as_person, analyst):
    Authenticator.objects.create(user=analyst, type=Authenticator.Type.TOTP, data={})
    issue_tokens(analyst)
    for role in ("admin", "auditor"):
        answer = as_person(role).get(URL, {"email": analyst.email.upper()}).json()["results"]
        assert answer == [
            {
                "id": analyst.pk, "email": analyst.email, "name": "", "role": "analyst", "is_active": True,
                "two_factor": True, "locked": False, "sessions": 0, "tokens": 1, "last_sign_in": None,
                "joined_at": answer[0]["joined_at"],
            }
        ]  # fmt: skip
    assert as_person("admin").get(URL, {"state": "inactive"}).json()["results"] == []


def test_deeds_answer_how_the_person_stands(as_person, analyst):
    admin, one = as_person("admin"), f"{URL}{analyst.pk}/"
    assert admin.post(f"{one}role/", {"role": "auditor", "seen": "analyst"}).json()["role"] == "auditor"
    assert admin.post(f"{one}deactivate/").json()["is_active"] is False
    assert admin.post(f"{one}reactivate/").json()["is_active"] is True
    for deed in ("unlock/", "sign-out/", "reset-two-factor/"):
        assert admin.post(one + deed).status_code == 200
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == [
        "user.role_changed", "user.deactivated", "user.reactivated", "user.unlocked", "user.access_ended",
        "user.two_factor_reset",
    ]  # fmt: skip


def test_stale_own_and_last_are_refused(as_person, analyst):
    admin = as_person("admin")
    stale = admin.post(f"{URL}{analyst.pk}/role/", {"role": "admin", "seen": "auditor"})
    assert (stale.status_code, "analyst meanwhile" in stale.json()["detail"]) == (409, True)
    for deed, body in (("role/", {"role": "analyst", "seen": "admin"}), ("deactivate/", None)):
        own = admin.post(f"{URL}{admin.person.pk}/{deed}", body)
        assert own.status_code == 403 and "your own" in own.json()["detail"]
    assert admin.post(f"{URL}{analyst.pk}/role/", {"role": "owner", "seen": "analyst"}).status_code == 422
    assert admin.post(f"{URL}999999/deactivate/").status_code == 404
    assert User.objects.filter(role="admin", is_active=True).count() == 1
    assert not AuditEvent.objects.exists()


def test_no_key_sees_or_manages_people(as_key, analyst):
    client = as_key("admin")
    assert client.get(URL).status_code == 403
    assert client.post(f"{URL}{analyst.pk}/deactivate/").status_code == 403
    assert User.objects.get(pk=analyst.pk).is_active


def test_an_invitation_by_link_and_by_mail(as_person):
    admin = as_person("admin")
    linked = admin.post(f"{URL}invitations/", {"email": "new@example.com", "role": "analyst"})
    assert linked.status_code == 201 and linked.json()["mailed"] is False
    secret = linked.json()["link"].rstrip("/").rpartition("/")[2]
    assert open_invitation(secret).email == "new@example.com" and mail.outbox == []

    mailed = admin.post(f"{URL}invitations/", {"email": "new@example.com", "role": "auditor", "mail": True})
    assert (mailed.json()["mailed"], mailed.json()["link"]) == (True, None)
    (sent,) = mail.outbox
    assert sent.to == ["new@example.com"] and "/account/invitation/" in sent.body
    (shown,) = admin.get(f"{URL}invitations/").json()["results"]
    assert (shown["role"], shown["invited_by"]) == ("auditor", admin.person.email)
    assert "link" not in shown
    assert admin.delete(f"{URL}invitations/{shown['id']}/").status_code == 204
    assert admin.get(f"{URL}invitations/").json()["results"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "nobody", "role": "admin"}, "/email"),
        ({"email": "a\r\nBcc: b@example.com", "role": "admin"}, "/email"),
        ({"email": "new@example.com", "role": "owner"}, "/role"),
        ({"email": "new@example.com", "role": "admin", "is_superuser": True}, "/is_superuser"),
    ],
)
def test_a_wrong_invitation_is_refused(as_person, body, pointer):
    answer = as_person("admin").post(f"{URL}invitations/", body)
    assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (422, [pointer])
    assert not Invitation.objects.exists() and mail.outbox == []


def test_a_mail_server_that_is_away_leaves_the_link(as_person, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = as_person("admin").post(
        f"{URL}invitations/", {"email": "new@example.com", "role": "analyst", "mail": True}
    )
    assert answer.status_code == 201
    assert (answer.json()["mailed"], "/account/invitation/" in answer.json()["link"]) == (False, True)
