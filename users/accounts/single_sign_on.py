"""Single sign-on by OpenID Connect: who the provider vouches for comes in with the role its claims give.

Nobody becomes an admin but by a value of the claim that OIDC_ROLES maps to admin by name.
"""

from typing import Any

import jwt
import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import Provider, ProviderException
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render
from requests import RequestException

from logs.services import record
from users.models import User
from users.roles import Role
from users.services.sessions import revoke_tokens
from users.services.sign_ins import record_person

log = structlog.get_logger(__name__)
DISCOVERED = ("issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
STRONGEST_FIRST = (Role.ADMIN, Role.ANALYST, Role.AUDITOR)


class ProviderAway(ProviderException):
    """The provider does not answer, or not as OpenID Connect Discovery says."""


class CheckingAdapter(OpenIDConnectOAuth2Adapter):
    """Checks the signature of id tokens too, and that userinfo is about the same person."""

    @property
    def openid_config(self) -> dict[str, Any]:
        try:
            found = super().openid_config
        except (RequestException, ValueError) as error:
            raise ProviderAway(f"discovery failed: {type(error).__name__}") from error
        missing = [name for name in DISCOVERED if not isinstance(found.get(name), str)]
        if missing:
            raise ProviderAway(f"discovery names no {', '.join(missing)}")
        return found

    def complete_login(self, request: HttpRequest, app: SocialApp, token, **kwargs) -> SocialLogin:
        login = super().complete_login(request, app, token, **kwargs)
        told = login.account.extra_data
        if "id_token" not in told or told["id_token"].get("sub") != told.get("userinfo", {}).get("sub"):
            raise ProviderException("id token and userinfo are not about the same person")
        return login

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict:
        try:
            return jwtkit.verify_and_decode(
                credential=id_token,
                keys_url=self.openid_config["jwks_uri"],
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
            )
        except (KeyError, jwt.PyJWTError) as error:  # of a token or keys without `kid`
            raise ProviderException(f"id token or keys are malformed: {type(error).__name__}") from error


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    def list_apps(self, request: HttpRequest, provider=None, client_id=None) -> list[SocialApp]:
        """Providers come from the settings alone; a row in the database makes none."""
        from allauth.socialaccount.adapter import _build_apps_from_settings

        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Provider:
        found = super().get_provider(request, provider, client_id)
        found.oauth2_adapter_class = CheckingAdapter
        return found

    def on_authentication_error(self, request, provider, error=None, exception=None, **_) -> None:
        log.warning(
            "single_sign_on_failed", error=str(error), cause=f"{type(exception).__name__}: {exception}"[:300]
        )

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True  # pre_social_login has refused whom it should

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.state.get("process") == "connect":
            return
        claims = claims_of(sociallogin)
        role = role_for(claims)
        if role is None:
            raise _refused(request, "no_role")
        if sociallogin.is_existing:
            _follow_role(sociallogin.user, role, request)
            return
        email = str(claims.get("email") or "").lower()
        if not email or claims.get("email_verified") is not True:
            raise _refused(request, "unverified")
        known = User.objects.filter(email=email).first()
        if known is None:
            return
        if not settings.OIDC_LINK_BY_EMAIL or not known.is_active:
            raise _refused(request, "taken")
        sociallogin.connect(request, known)

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user = sociallogin.user
        user.email = str(data.get("email") or "").lower()[:254]
        user.name = str(data.get("name") or "")[:150]
        return user

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form=None) -> User:
        sociallogin.user.role = role_for(claims_of(sociallogin))
        user = super().save_user(request, sociallogin, form)
        record_person("user.registered", user, request, after={"role": user.role, "by": "sso"})
        return user


def claims_of(sociallogin: SocialLogin) -> dict[str, Any]:
    """What the provider says of the person, userinfo winning over the id token."""
    told = sociallogin.account.extra_data
    return {**(told.get("id_token") or {}), **(told.get("userinfo") or {})}


def role_for(claims: dict[str, Any]) -> str | None:
    """The strongest role that values of OIDC_ROLE_CLAIM map to, else OIDC_DEFAULT_ROLE, else None."""
    told = claims.get(settings.OIDC_ROLE_CLAIM) if settings.OIDC_ROLE_CLAIM else None
    values = told if isinstance(told, list) else [told]
    roles = {settings.OIDC_ROLES.get(value) for value in values if isinstance(value, str)}
    return next((role for role in STRONGEST_FIRST if role in roles), settings.OIDC_DEFAULT_ROLE or None)


@transaction.atomic
def _follow_role(user: User, role: str, request: HttpRequest) -> None:
    """Where claims give roles, the provider's word of today counts; a role given here else stays."""
    if not settings.OIDC_ROLE_CLAIM or user.role == role or user.has_usable_password():
        return
    before, user.role = user.role, role
    user.save(update_fields=("role",))
    revoke_tokens(user)
    record(
        "user.changed",
        actor_kind="system",
        actor="sso",
        subject_kind="user",
        subject=str(user.pk),
        before={"role": before},
        after={"role": role},
        request_id=getattr(request, "request_id", ""),
    )


def _refused(request: HttpRequest, why: str) -> ImmediateHttpResponse:
    return ImmediateHttpResponse(
        render(request, "socialaccount/refused.html", {"why": why, "name": settings.OIDC_NAME}, status=403)
    )
