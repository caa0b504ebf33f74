"""django-allauth's questions about accounts: who may register, who is signed in, where one is sent."""

import logging
import smtplib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.conf import settings
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from users.accounts.invited import invitation_of, spend_invitation
from users.models import User
from users.selectors.addresses import client_address
from users.services.passwords import set_password
from users.services.sign_ins import record_person, record_sign_in, record_sign_out

logger = logging.getLogger(__name__)
STAGES = ("users.accounts.stages.OwnRegistrationStage", "allauth.mfa.stages.AuthenticateStage")
BACKEND = "django.contrib.auth.backends.ModelBackend"
ADDRESS_UNKNOWN = "0.0.0.0"  # nosec B104: a record of a session needs an address, and binds none


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_password": "That is not your password.",
        "rate_limited": "Too many tries. Wait a minute and try again.",
        "invited_other": "You were invited under another address. Register with that one.",
        "domain": "Addresses of this domain cannot register here. Ask an admin to invite you.",
    }

    def get_login_stages(self) -> list[str]:
        return list(STAGES)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        if settings.REGISTRATION == "off":
            return False
        return settings.REGISTRATION == "open" or invitation_of(request) is not None

    @transaction.atomic
    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        user.name = form.cleaned_data.get("name", "")
        user.role = settings.REGISTRATION_ROLE
        user.awaits_verification = invitation_of(request) is None
        super().save_user(request, user, form, commit)
        invitation = spend_invitation(request, user)
        by = "invitation" if invitation else "themselves"
        record_person("user.registered", user, request, after={"role": user.role, "by": by})
        return user

    def login(self, request: HttpRequest, user: User) -> None:
        user.backend = BACKEND
        super().login(request, user)
        record_sign_in(user, request)

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        super().logout(request)
        record_sign_out(user, request)

    def set_password(self, user: User, password: str) -> None:
        request = self.request
        own = request.user.is_authenticated and request.user.pk == user.pk
        set_password(
            user,
            password,
            acting_user=user,
            reset=not own,
            keep_session=request.session if own else None,
            request_id=getattr(request, "request_id", ""),
        )

    def reauthenticate(self, user: User, password: str) -> bool:
        found = self.authenticate(context.request, username=user.email, password=password)
        return found is not None and found.pk == user.pk

    def is_ajax(self, request: HttpRequest) -> bool:
        """Only the passkey script asks for JSON."""
        return request.method == "GET" and request.headers.get("Accept") == "application/json"

    def is_safe_url(self, url: str) -> bool:
        """Nobody is sent to another host, not even to one that we trust in other ways."""
        request = context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or ADDRESS_UNKNOWN

    def send_notification_mail(self, template_prefix: str, user: User, *args, **kwargs) -> None:
        """To the address that the account has now, whatever it was."""
        super().send_notification_mail(template_prefix, user, *args, **kwargs | {"email": user.email})

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Who comes by single sign-on has no password here, and does not get one by mail."""
        if user.has_usable_password():
            super().send_password_reset_mail(user, email, context)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is away must not keep anybody from what the mail only tells of.

        Where none is set, the mail would be written to the log: in production its links must not be.
        """
        if settings.PRODUCTION and not settings.EMAIL_HOST:
            logger.error("mail %s was not sent: no mail server is set (EMAIL_URL)", template_prefix)
            return
        try:
            super().send_mail(template_prefix, email, context | {"site_url": settings.SITE_URL})
        except (OSError, smtplib.SMTPException) as error:
            logger.error("mail %s was not sent: %s", template_prefix, type(error).__name__)
