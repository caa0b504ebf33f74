"""Whose token it is, and whether it still counts."""

import uuid

from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import Token

from users.models import TokenFamily, User

FAMILY = "family"  # claim: id of the TokenFamily


def family_named(token: Token) -> TokenFamily | None:
    """The family that a verified token names, with its person, or None; it may have ended."""
    try:
        found = TokenFamily.objects.select_related("user").get(pk=uuid.UUID(hex=token[FAMILY]))
    except (KeyError, TypeError, ValueError, AttributeError, TokenFamily.DoesNotExist):
        return None
    return found if str(token.get(api_settings.USER_ID_CLAIM)) == str(found.user_id) else None


def person_of_token(token: Token) -> User | None:
    """The active person of a verified access token whose family has not ended."""
    family = family_named(token)
    return family.user if family and family.ended_at is None and family.user.is_active else None
