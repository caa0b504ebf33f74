"""Setting a person's password, which ends whatever they were signed in with."""

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from logs.services import record
from users.models import User
from users.services.sessions import end_sessions, revoke_tokens


@transaction.atomic
def set_password(
    user: User,
    password: str,
    *,
    acting_user: User | None,
    reset: bool = False,
    keep_session: SessionBase | None = None,
    request_id: str = "",
) -> None:
    """Store it and end all other sessions and all tokens; `acting_user` None is a command.

    The caller has validated it. `reset` tells that the person proved themselves by mail.
    """
    user.set_password(password)
    user.save(update_fields=("password",))
    password_was_set(
        user, acting_user=acting_user, reset=reset, keep_session=keep_session, request_id=request_id
    )


def password_was_set(
    user: User,
    *,
    acting_user: User | None,
    reset: bool = False,
    keep_session: SessionBase | None = None,
    request_id: str = "",
) -> None:
    """What follows from a new password, in the transaction that stored it."""
    end_sessions(user, except_session=keep_session)
    revoke_tokens(user)
    record(
        "user.password_reset" if reset else "user.password_changed",
        actor_kind="user" if acting_user else "system",
        actor=acting_user.email if acting_user else "changepassword",
        subject_kind="user",
        subject=str(user.pk),
        request_id=request_id,
    )
