"""django-allauth's and Django's signals become audit rows; nothing here decides anything."""

from allauth.account import signals as account
from allauth.mfa import signals as two_factor
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as social
from axes import signals as axes  # noqa: F401  connected before ours
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from users.models import User
from users.services.second_factor import never_again
from users.services.sign_ins import record_failure, record_lock, record_person

Type = Authenticator.Type
ADDED = {
    Type.TOTP: "two_factor.added",
    Type.WEBAUTHN: "passkey.added",
    Type.RECOVERY_CODES: "recovery_codes.made",
}
REMOVED = {
    Type.TOTP: "two_factor.removed",
    Type.WEBAUTHN: "passkey.removed",
    Type.RECOVERY_CODES: "recovery_codes.removed",
}


@receiver(user_login_failed)
def failed(sender, credentials: dict, request: HttpRequest | None = None, why: str = "password", **_) -> None:
    """Tries while a lock holds are not written down: who floods us must not fill the trail.

    axes has counted before us: its signals are imported above.
    """
    if request is None:
        return
    count = getattr(request, "axes_failures_since_start", None) or 0
    if count > settings.AXES_FAILURE_LIMIT:
        return
    name = credentials.get("username") or ""
    record_failure(name, request, why=why)
    if count == settings.AXES_FAILURE_LIMIT:
        record_lock(name, request)


@receiver(account.email_confirmed)
@transaction.atomic
def verified(sender, request: HttpRequest, email_address, **_) -> None:
    user = email_address.user
    if user.awaits_verification and user.email == email_address.email.lower():
        User.objects.filter(pk=user.pk).update(awaits_verification=False)
        record_person("user.verified", user, request)


@receiver(two_factor.authenticator_added)
def added(sender, request: HttpRequest, user: User, authenticator: Authenticator, **_) -> None:
    never_again(authenticator)
    record_person(ADDED[authenticator.type], user, request, after=_named(authenticator))


@receiver(two_factor.authenticator_removed)
def removed(sender, request: HttpRequest, user: User, authenticator: Authenticator, **_) -> None:
    record_person(REMOVED[authenticator.type], user, request, after=_named(authenticator))


@receiver(two_factor.authenticator_reset)
def regenerated(sender, request: HttpRequest, user: User, authenticator: Authenticator, **_) -> None:
    record_person("recovery_codes.regenerated", user, request)


@receiver(social.social_account_added)
def connected(sender, request: HttpRequest, sociallogin, **_) -> None:
    record_person("sso.connected", sociallogin.user, request)


@receiver(social.social_account_removed)
def disconnected(sender, request: HttpRequest, socialaccount, **_) -> None:
    record_person("sso.disconnected", socialaccount.user, request)


def _named(authenticator: Authenticator) -> dict | None:
    return {"name": authenticator.wrap().name} if authenticator.type == Type.WEBAUTHN else None
