"""Who is calling: a client system by X-API-Key, a person by bearer token (or session, on the docs pages)."""

import hmac
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import Token

from users.models import ApiKey, ClientSystem, User
from users.roles import Ability, Scope
from users.selectors import api_key_for
from users.selectors.addresses import client_address
from users.selectors.tokens import person_of_token
from users.services import client_system
from users.services.key_use import note_use

CONSOLE = "console"
CHALLENGE = 'Bearer realm="FraudGuard", ApiKey realm="FraudGuard"'


@dataclass(frozen=True)
class KeyPrincipal:
    """A client system that presented one of its keys; stands where a person would as `request.user`."""

    key: ApiKey
    is_authenticated = True
    is_anonymous = False
    is_active = True
    actor_kind = "key"
    pk = None

    @property
    def client(self) -> ClientSystem:
        return self.key.client

    @property
    def actor(self) -> str:
        return str(self.key)

    def can(self, ability: Ability) -> bool:
        return self.key.can(ability)


class ApiKeyAuthentication(BaseAuthentication):
    """X-API-Key: a wrong one is refused even where nobody need be known."""

    def authenticate(self, request: Request) -> tuple[KeyPrincipal, ApiKey] | None:
        raw = request.META.get("HTTP_X_API_KEY")
        if raw is None:
            return None
        key = environment_key(raw) or api_key_for(raw, address=client_address(request))
        if key is None:
            raise AuthenticationFailed(
                "The API key is unknown, expired, revoked or not valid from this address."
            )
        note_use(key)
        return KeyPrincipal(key), key

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class TokenAuthentication(JWTAuthentication):
    """Authorization: Bearer <access token>, for people."""

    def get_user(self, validated_token: Token) -> User:
        person = person_of_token(validated_token)
        if person is None:
            raise AuthenticationFailed("The token was ended, or names nobody who may sign in.")
        return person


def environment_key(raw: str) -> ApiKey | None:
    """FRONTEND_API_KEY and ADMIN_API_KEY are keys of client systems of those names, never stored."""
    for name, secret, scopes in (
        ("frontend", settings.FRONTEND_API_KEY, [Scope.INGEST, Scope.READ]),
        ("admin", settings.ADMIN_API_KEY, [Scope.ADMIN]),
    ):
        if secret and hmac.compare_digest(secret.encode(), raw.encode("utf-8", "surrogateescape")):
            return ApiKey(client=client_system(name), prefix=f"env-{name}", scopes=scopes)
    return None


def client_of(request: Request) -> ClientSystem:
    """The client system whose ids the posted events carry; people share one of their own."""
    if isinstance(request.user, KeyPrincipal):
        return request.user.client
    return client_system(CONSOLE)


def person_of(request: Request) -> User | None:
    """The signed-in person, or None when a client system calls."""
    return request.user if isinstance(request.user, User) else None


def person_only(request: Request, what: str) -> User:
    """The signed-in person whose name a deed carries; a key, whatever its scopes, is told who may instead."""
    person = person_of(request)
    if person is None:
        raise PermissionDenied(f"{what} by people; use a person's token.")
    return person


def request_id_of(request: Request) -> str:
    """By which request it was done, for the audit trail."""
    return getattr(request, "request_id", "")


def actor_of(request: Request) -> str:
    """Who is written down as the doer: a key by its prefix, a person by e-mail."""
    return request.user.actor if isinstance(request.user, KeyPrincipal) else request.user.email


def own_client(request: Request) -> ClientSystem | None:
    """The client system that calls; None for people, who may speak of any client's events."""
    return request.user.client if isinstance(request.user, KeyPrincipal) else None


def named_client(request: Request) -> ClientSystem:
    """Whose event is meant: a key's own client, for people the one they name as ?client=."""
    name = request.query_params.get("client")
    if isinstance(request.user, KeyPrincipal) or name is None:
        return client_of(request)
    found = ClientSystem.objects.filter(name=name).first()
    if found is None:
        raise Http404
    return found
