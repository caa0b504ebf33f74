"""Tokens for people: a pair at sign-in, a new pair for each refresh token, once; reuse ends the family."""

from datetime import UTC, datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, Token

from logs.services import record
from users.models import TokenFamily, User
from users.selectors.tokens import FAMILY, family_named

ID = api_settings.JTI_CLAIM


class TokenRefused(ValueError):
    """A refresh token that is wrong, expired, ended or was used before."""


class RefreshToken(Token):
    """Signed like simplejwt's own; which one may be used next stands in its family, not in a blacklist."""

    token_type = "refresh"
    lifetime = api_settings.REFRESH_TOKEN_LIFETIME


class Pair(NamedTuple):
    """What a person is given: the texts of both tokens."""

    access: str
    refresh: str


def issue_tokens(user: User) -> Pair:
    """A new family of tokens for somebody who has just signed in."""
    family = TokenFamily(user=user)
    pair, refresh = _pair(family)
    family.newest, family.expires_at = refresh[ID], _expiry(refresh)
    family.save(force_insert=True)
    return pair


def refresh_tokens(raw: str, *, request_id: str = "") -> Pair:
    """The next pair of a family; a refresh token that was used before ends the family and its tokens.

    Whoever uses it again may have stolen it, or was stolen from: both must sign in anew.
    """
    given, family = _read(raw)
    pair, refresh = _pair(family)
    # Of simultaneous calls one wins: the row is claimed by what was the newest.
    won = TokenFamily.objects.filter(pk=family.pk, newest=given[ID], ended_at=None).update(
        newest=refresh[ID], refreshed_at=timezone.now(), expires_at=_expiry(refresh)
    )
    if not won:
        _end_reused(family, request_id)
        raise TokenRefused("used before or ended")
    return pair


def revoke_token(raw: str) -> None:
    """End the family of this refresh token, with its access tokens; one used before does it too."""
    _, family = _read(raw)
    ended = TokenFamily.objects.filter(pk=family.pk, ended_at=None).update(
        ended_at=timezone.now(), ending=TokenFamily.Ending.REVOKED
    )
    if not ended:
        raise TokenRefused("ended already")


def forget_expired_families(now: datetime) -> int:
    """Delete those whose last refresh token has run out; how many."""
    return TokenFamily.objects.filter(expires_at__lte=now).delete()[0]


def _pair(family: TokenFamily) -> tuple[Pair, Token]:
    access, refresh = AccessToken(), RefreshToken()
    for token in (access, refresh):
        token[api_settings.USER_ID_CLAIM] = str(family.user_id)
        token[FAMILY] = family.pk.hex
    return Pair(str(access), str(refresh)), refresh


def _read(raw: str) -> tuple[Token, TokenFamily]:
    try:
        given = RefreshToken(raw)
    except TokenError:
        raise TokenRefused("wrong or expired") from None
    family = family_named(given)
    if family is None or not family.user.is_active:
        raise TokenRefused("of nobody")
    return given, family


@transaction.atomic
def _end_reused(family: TokenFamily, request_id: str) -> None:
    ended = TokenFamily.objects.filter(pk=family.pk, ended_at=None).update(
        ended_at=timezone.now(), ending=TokenFamily.Ending.REUSED
    )
    if ended:
        record(
            "token.reused",
            actor_kind="user",
            actor=family.user.email,
            subject_kind="user",
            subject=str(family.user_id),
            after={"family": str(family.pk), "ended": True},
            request_id=request_id,
        )


def _expiry(token: Token) -> datetime:
    return datetime.fromtimestamp(token["exp"], UTC)
