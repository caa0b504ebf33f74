"""Ending the sessions of the pages one by one; `users.services.sessions` ends all at once."""

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.http import HttpRequest

from users.services.sign_ins import record_person


@transaction.atomic
def end_session(held: UserSession, request: HttpRequest) -> None:
    """One's own session in another browser."""
    held.end()
    after = {"began": held.created_at.isoformat(), "from": held.ip}
    record_person("session.revoked", request.user, request, after=after)


@transaction.atomic
def end_others(request: HttpRequest) -> int:
    """All but this one; how many."""
    others = UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key)
    for held in others:
        end_session(held, request)
    return len(others)
