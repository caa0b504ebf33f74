"""What the audit trail is told of signing in: who, how and from where, never what was typed.

A failure names a person only where the e-mail belongs to one: people type passwords into the wrong field.
"""

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest

from logs.services import record
from users.models import User
from users.selectors.addresses import client_address


class SignInLocked(Exception):
    """Too many failures of this e-mail from this address; it is over after a while, or by an admin."""


def record_person(action: str, user: User, request: HttpRequest, after: dict[str, Any] | None = None) -> None:
    """Something that a person did to their own account."""
    record(
        action,
        actor_kind="user",
        actor=user.email,
        subject_kind="user",
        subject=str(user.pk),
        after=after,
        request_id=getattr(request, "request_id", ""),
    )


def record_sign_in(user: User, request: HttpRequest, *, by: str = "") -> None:
    """`by` is how they proved themselves; where it is not said, what this browser's session knows."""
    by = by or "+".join(_methods(request))
    record_person("user.signed_in", user, request, after={"by": by, "from": client_address(request)})


def record_sign_out(user: Any, request: HttpRequest) -> None:
    if getattr(user, "is_authenticated", False):
        record_person("user.signed_out", user, request)


def record_failure(email: str, request: HttpRequest, *, why: str) -> None:
    """One failed try, `why` being password or code."""
    person = User.objects.filter(email=email.lower()[:254]).first() if "\x00" not in email else None
    record(
        "user.sign_in_failed",
        actor_kind="anonymous",
        actor="",
        subject_kind="user",
        subject=str(person.pk) if person else "",
        after={"why": why, "known": person is not None, "from": client_address(request)},
        request_id=getattr(request, "request_id", ""),
    )


def record_lock(email: str, request: HttpRequest) -> None:
    person = User.objects.filter(email=email.lower()[:254]).first() if "\x00" not in email else None
    record(
        "user.sign_in_locked",
        actor_kind="system",
        actor="lockout",
        subject_kind="user",
        subject=str(person.pk) if person else "",
        after={"from": client_address(request)},
        request_id=getattr(request, "request_id", ""),
    )


def refuse_locked(user: User, request: HttpRequest) -> None:
    """Before a code is looked at; raises SignInLocked."""
    if not AxesProxyHandler.is_allowed(request, {"username": user.email}):
        raise SignInLocked


def count_failed_code(user: User, request: HttpRequest) -> None:
    """A wrong code counts like a wrong password, for pages and tokens together."""
    credentials = {"username": user.email}
    user_login_failed.send(sender=__name__, credentials=credentials, request=request, why="code")


def _methods(request: HttpRequest) -> list[str]:
    """password, totp, recovery_codes, webauthn, single sign-on, in the order they were given."""
    told = request.session.get("account_authentication_methods", [])
    return [
        each.get("type") or ("sso" if each["method"] == "socialaccount" else each["method"]) for each in told
    ]
