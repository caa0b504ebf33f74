"""What admins do to colleagues' accounts; not to their own role or place, nor to the last admin."""

from typing import Any

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Lower

from logs.services import record
from users.models import User
from users.roles import Role
from users.services.sessions import end_sessions, revoke_tokens


class PersonRefused(ValueError):
    """What is asked cannot be done to this person; `field` and `message` say why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message = field, message


class PersonConflict(RuntimeError):
    """The person is not what the caller saw, or is the last of their kind."""


class OwnAccount(PermissionDenied):
    """People do not do this to themselves."""


@transaction.atomic
def change_role(
    user_id: int, role: str, *, acting_user: User, seen: str | None = None, request_id: str = ""
) -> User:
    """Give somebody another role; their tokens end at once, their pages obey at the next request.

    `seen`: the role that the caller saw. Raises User.DoesNotExist.
    """
    if role not in Role.values:
        raise PersonRefused("role", f"one of {', '.join(Role.values)}")
    person = _claimed(user_id, acting_user, "Ask another admin to change your own role.")
    if seen is not None and seen != person.role:
        raise PersonConflict(f"{person} is {person.get_role_display().lower()} meanwhile; look again.")
    if role == person.role:
        return person
    if person.role == Role.ADMIN:
        _refuse_last_admin(person)
    before = person.role
    person.role = role
    person.save(update_fields=("role",))
    tokens = revoke_tokens(person)
    _record(
        "user.role_changed",
        person,
        acting_user,
        request_id,
        {"role": before},
        {"role": role, "tokens": tokens},
    )
    return person


@transaction.atomic
def deactivate(user_id: int, *, acting_user: User, request_id: str = "") -> User:
    """Let somebody in no more: sessions and tokens end at once. What they did stays theirs."""
    person = _claimed(user_id, acting_user, "Ask another admin to deactivate your own account.")
    if not person.is_active:
        return person
    if person.role == Role.ADMIN:
        _refuse_last_admin(person)
    person.is_active = False
    person.save(update_fields=("is_active",))
    end_sessions(person)
    revoke_tokens(person)
    _record("user.deactivated", person, acting_user, request_id, {"is_active": True}, {"is_active": False})
    return person


@transaction.atomic
def reactivate(user_id: int, *, acting_user: User, request_id: str = "") -> User:
    """Let somebody in again; they sign in anew."""
    person = _claimed(user_id, acting_user)
    if not person.is_active:
        person.is_active = True
        person.save(update_fields=("is_active",))
        _record(
            "user.reactivated", person, acting_user, request_id, {"is_active": False}, {"is_active": True}
        )
    return person


@transaction.atomic
def reset_two_factor(user_id: int, *, acting_user: User, request_id: str = "") -> int:
    """Forget somebody's second factors, recovery codes too, and sign them out; how many there were.

    Nobody does it to themselves: with a stolen session it would undo the second factor.
    """
    person = _claimed(user_id, acting_user, "Ask another admin, or use your own account page.")
    removed, _ = Authenticator.objects.filter(user=person).delete()
    end_sessions(person)
    revoke_tokens(person)
    _record("user.two_factor_reset", person, acting_user, request_id, after={"removed": removed})
    return removed


@transaction.atomic
def unlock(user_id: int, *, acting_user: User, request_id: str = "") -> int:
    """Lift the lock after failed sign-ins, from wherever they came; how many counts were cleared."""
    person = _claimed(user_id, acting_user)
    counted = AccessAttempt.objects.annotate(name=Lower("username")).filter(name=person.email.lower())
    cleared, _ = counted.delete()
    _record("user.unlocked", person, acting_user, request_id, after={"cleared": cleared})
    return cleared


@transaction.atomic
def end_everything(user_id: int, *, acting_user: User, request_id: str = "") -> User:
    """End all sessions and tokens of somebody, or one's own, who sign in anew."""
    person = _claimed(user_id, acting_user)
    end_sessions(person)
    tokens = revoke_tokens(person)
    _record("user.access_ended", person, acting_user, request_id, after={"tokens": tokens})
    return person


def _claimed(user_id: int, acting_user: User, own: str = "") -> User:
    """The person, locked together with all active admins, of whom the doer must still be one.

    So of two admins who demote each other at once, the second finds that they are none any more.
    """
    admins = list(
        User.objects.select_for_update(no_key=True).filter(role=Role.ADMIN, is_active=True).order_by("pk")
    )
    if acting_user.pk not in {admin.pk for admin in admins}:
        raise PermissionDenied("Only an active admin may do this.")
    if own and user_id == acting_user.pk:
        raise OwnAccount(own)
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def _refuse_last_admin(person: User) -> None:
    if not User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=person.pk).exists():
        raise PersonConflict(f"{person} is the last active admin; make somebody else one first.")


def _record(
    action: str,
    person: User,
    acting_user: User,
    request_id: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    record(
        action,
        actor_kind="user",
        actor=acting_user.email,
        subject_kind="user",
        subject=str(person.pk),
        before=before,
        after=after,
        request_id=request_id,
    )
