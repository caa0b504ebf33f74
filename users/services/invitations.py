"""Inviting people: a secret in a link lets one e-mail register once, with the role it was invited to."""

import secrets
from datetime import timedelta
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from logs.redacting import mask_cards
from logs.services import record
from users.models import Invitation, User
from users.roles import Role
from users.selectors.api_keys import digest_of

VALID = timedelta(days=7)
SUBJECT = "You are invited to FraudGuard"
MAIL = """{by} invites you to FraudGuard.

Open this link to make your account; it works once, until {until:%Y-%m-%d %H:%M} UTC:

{link}

If you did not expect this, do nothing.
"""
log = structlog.get_logger(__name__)


class InvitationRefused(ValueError):
    """An invitation that cannot be made or used; the text says why, after its field when one is wrong."""

    @property
    def field(self) -> str:
        field, colon, _ = str(self).partition(": ")
        return field if colon else ""

    @property
    def message(self) -> str:
        return str(self).rpartition(": ")[2]


class InvitationSpent(InvitationRefused):
    """It was accepted already."""


@transaction.atomic
def invite(email: str, role: str, acting_user: User, *, request_id: str = "") -> tuple[Invitation, str]:
    """An open invitation and its secret, which is never seen again; an earlier one of this e-mail ends."""
    email = _usable(email, role)
    now = timezone.now()
    earlier = Invitation.objects.select_for_update().filter(email=email, accepted_at=None, withdrawn_at=None)
    earlier.update(withdrawn_at=now)
    raw = secrets.token_urlsafe(32)
    try:
        invitation = Invitation.objects.create(
            email=email, role=role, digest=digest_of(raw), invited_by=acting_user, expires_at=now + VALID
        )
    except IntegrityError:
        raise InvitationRefused("email: somebody else has invited this person just now") from None
    _record("invitation.sent", invitation, acting_user, request_id)
    return invitation, raw


def open_invitation(raw: str) -> Invitation:
    """The invitation behind a link's secret; refuses one that is unknown, used, withdrawn or too old."""
    found = Invitation.objects.filter(digest=digest_of(raw)).first() if raw.isascii() else None
    if found is None or not found.is_open:
        raise InvitationRefused("This invitation is unknown, used, withdrawn or too old; ask for a new one.")
    return found


@transaction.atomic
def accept(raw: str, *, user: User, request_id: str = "") -> Invitation:
    """Somebody who has just registered gets the role they were invited to; the invitation is used up.

    In the transaction that makes the person, so that both or neither stand.
    """
    found = open_invitation(raw)
    # Of two who use the same link at once, one finds it used.
    invitation = Invitation.objects.select_for_update().get(pk=found.pk)
    if not invitation.is_open:
        raise InvitationRefused("This invitation was used already.")
    if user.email.lower() != invitation.email:
        raise InvitationRefused("This invitation is for another e-mail address.")
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=("accepted_at", "accepted_by"))
    user.role = invitation.role
    user.save(update_fields=("role",))
    _record("invitation.accepted", invitation, user, request_id)
    return invitation


def link_of(raw: str) -> str:
    """What the invited open in their browser."""
    return f"{settings.SITE_URL}/account/invitation/{raw}/"


def mail_invitation(invitation: Invitation, raw: str) -> bool:
    """Send the link to the invited; False when there is no mail server or it did not take the mail.

    Sent at once, by the caller's process: the secret stands in no queue and no log.
    """
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        return False
    text = MAIL.format(by=invitation.invited_by, link=link_of(raw), until=invitation.expires_at)
    try:
        return send_mail(SUBJECT, text, None, [invitation.email]) == 1
    except (OSError, SMTPException) as error:
        log.warning("invitation_not_mailed", invitation=invitation.pk, error=type(error).__name__)
        return False


@transaction.atomic
def withdraw(pk: int, *, acting_user: User, request_id: str = "") -> Invitation:
    """End an open invitation; repeating it changes nothing."""
    invitation = Invitation.objects.select_for_update().get(pk=pk)
    if invitation.accepted_at is not None:
        raise InvitationSpent("This invitation was accepted already; deactivate the person instead.")
    if invitation.withdrawn_at is None:
        invitation.withdrawn_at = timezone.now()
        invitation.save(update_fields=("withdrawn_at",))
        _record("invitation.withdrawn", invitation, acting_user, request_id)
    return invitation


def _usable(email: str, role: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise InvitationRefused("email: give an address like name@example.com") from None
    if len(email) > 254 or "\x00" in email or not email.isascii():
        raise InvitationRefused("email: give an address like name@example.com")
    if mask_cards(email) != email:
        raise InvitationRefused("email: it holds a card number")
    if role not in Role.values:
        raise InvitationRefused(f"role: one of {', '.join(Role.values)}")
    if User.objects.filter(email=email).exists():
        raise InvitationRefused("email: this person has an account already")
    return email


def _record(action: str, invitation: Invitation, acting_user: User, request_id: str) -> None:
    record(
        action,
        actor_kind="user",
        actor=acting_user.email,
        subject_kind="invitation",
        subject=str(invitation.pk),
        after={"email": invitation.email, "role": invitation.role},
        request_id=request_id,
    )
