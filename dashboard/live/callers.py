"""Who is behind a socket, asked again while it is open: a session of the pages, or an access token."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils.crypto import constant_time_compare
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from users.models import User
from users.roles import Ability
from users.selectors.tokens import person_of_token


@dataclass(frozen=True)
class SocketCaller:
    """What a socket was opened with; nothing else is believed while it stays open."""

    session_key: str | None
    token: AccessToken | None

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> "SocketCaller":
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        session = scope.get("session")
        return cls(session.session_key if session is not None else None, _verified(given))

    @property
    def seconds_left(self) -> float:
        """Until the token runs out; a session's end stands in the database."""
        return max(0.0, self.token["exp"] - time.time()) if self.token else float("inf")

    @database_sync_to_async
    def reader(self) -> User | None:
        """The person, while they are active, signed in and in a role that reads."""
        person = self._by_token() if self.token else self._by_session()
        return person if person is not None and person.can(Ability.READ) else None

    def _by_token(self) -> User | None:
        return person_of_token(self.token) if self.seconds_left else None

    def _by_session(self) -> User | None:
        if not self.session_key:
            return None
        session = SessionStore(self.session_key)
        named = session.get(SESSION_KEY, "")
        person = User.objects.filter(pk=named).first() if str(named).isdecimal() else None
        known = session.get(HASH_SESSION_KEY, "")
        if person is None or not constant_time_compare(known, person.get_session_auth_hash()):
            return None
        return person


def _verified(raw: str) -> AccessToken | None:
    try:
        return AccessToken(raw) if raw else None
    except TokenError:
        return None
