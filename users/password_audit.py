"""What follows from a password changed by a page of Django's: an audit row, and signing out elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.http import HttpRequest

from users.models import User
from users.services.passwords import password_was_set


@contextmanager
def password_audit(request: HttpRequest, user: User | None) -> Iterator[None]:
    """Around a page of Django's that may change it: the change and its audit event stand together."""
    with transaction.atomic():
        before = user and _stored(user)
        yield
        if user and _stored(user) != before:
            user.refresh_from_db()
            own = user.pk == request.user.pk
            password_was_set(
                user,
                acting_user=request.user,
                keep_session=request.session if own else None,
                request_id=request.request_id,
            )


def _stored(user: User) -> str:
    """Salted, so even the same password set again gives another text."""
    return User.objects.select_for_update().values_list("password", flat=True).get(pk=user.pk)
