"""Ending what a person is signed in with: sessions of the pages, tokens of the API."""

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from users.models import TokenFamily, User


@transaction.atomic
def end_sessions(user: User, *, except_session: SessionBase | None = None) -> None:
    """End all sessions of this person at once, but the given one (`request.session`) when it is theirs.

    Whoever calls it writes the audit row of the deed that it is part of.
    """
    kept = except_session.session_key if except_session is not None else None
    listed = UserSession.objects.filter(user=user).exclude(session_key=kept)
    Session.objects.filter(session_key__in=listed.values("session_key")).delete()
    listed.delete()
    # Also those that nobody listed: a session of an earlier epoch stands for nobody.
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=("session_epoch",))
    if except_session is not None:
        except_session[HASH_SESSION_KEY] = user.get_session_auth_hash()


def revoke_tokens(user: User) -> int:
    """End all token families of this person: their refresh and access tokens stop at once. How many."""
    return TokenFamily.objects.filter(user=user, ended_at=None).update(
        ended_at=timezone.now(), ending=TokenFamily.Ending.ENDED
    )
