"""Tells the audit trail that a password was changed, and by whom; never the password or its hash."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.http import HttpRequest

from logs.services import record
from users.models import User


@contextmanager
def password_audit(request: HttpRequest, user: User | None) -> Iterator[None]:
    """Around a page of Django's that may change it: the change and its audit event stand together."""
    with transaction.atomic():
        before = user and _stored(user)
        yield
        if user and _stored(user) != before:
            record(
                "user.password_changed",
                actor_kind="user",
                actor=request.user.email,
                subject_kind="user",
                subject=str(user.pk),
                request_id=request.request_id,
            )


def _stored(user: User) -> str:
    """Salted, so even the same password set again gives another text."""
    return User.objects.select_for_update().values_list("password", flat=True).get(pk=user.pk)
