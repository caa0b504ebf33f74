"""Who works here, with what an admin needs to know of each account."""

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from users.models import Invitation, TokenFamily, User

WITHOUT_RECOVERY = ~Q(type=Authenticator.Type.RECOVERY_CODES)  # those alone are no second factor


def people(now: datetime) -> QuerySet[User]:
    """Everybody, with `two_factor`, `locked`, `session_count` and `token_count`."""
    own = Q(user=OuterRef("pk"))
    factors = Authenticator.objects.filter(own, WITHOUT_RECOVERY)
    sessions = UserSession.objects.filter(own).filter(_in_force(now))
    tokens = TokenFamily.objects.filter(own, ended_at=None, expires_at__gt=now)
    return User.objects.annotate(
        two_factor=Exists(factors),
        locked=Exists(_locks(now).filter(name=OuterRef("email"))),
        session_count=_counted(sessions),
        token_count=_counted(tokens),
    )


STATES = {
    "active": "Active",
    "inactive": "Deactivated",
    "locked": "Locked",
    "no_two_factor": "Without two-factor",
}


def filtered_people(
    found: QuerySet[User], *, text: str = "", role: str = "", state: str = ""
) -> QuerySet[User]:
    """Of `people`: by a part of name or e-mail, by role, by state (one of STATES)."""
    if text:
        found = found.filter(Q(email__icontains=text) | Q(name__icontains=text))
    if role:
        found = found.filter(role=role)
    if state in ("active", "inactive"):
        return found.filter(is_active=state == "active")
    if state == "locked":
        return found.filter(locked=True)
    return found.filter(two_factor=False, is_active=True) if state == "no_two_factor" else found


def sessions_of(person: User, now: datetime, limit: int = 20) -> QuerySet[UserSession]:
    """Their open sessions that are known, newest first."""
    return UserSession.objects.filter(_in_force(now), user=person).order_by("-id")[:limit]


def open_invitations(now: datetime) -> QuerySet[Invitation]:
    """Those that can still be accepted, newest first."""
    return (
        Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)
        .select_related("invited_by")
        .order_by("-id")
    )


def _in_force(now: datetime) -> Exists:
    return Exists(Session.objects.filter(expire_date__gt=now, session_key=OuterRef("session_key")))


def _locks(now: datetime) -> QuerySet[AccessAttempt]:
    """Counts of failed sign-ins that lock at the moment, by `name` in lower case."""
    since = now - timedelta(hours=settings.AXES_COOLOFF_TIME)
    return AccessAttempt.objects.annotate(name=Lower("username")).filter(
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT, attempt_time__gt=since
    )


def _counted(rows: QuerySet) -> Coalesce:
    count = rows.order_by().values("user").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(count, output_field=IntegerField()), 0)
