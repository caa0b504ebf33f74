"""What people change about themselves."""

from django.db import transaction

from logs.services import record
from users.models import User


class NameRefused(ValueError):
    """A name that cannot be; the message says why."""


@transaction.atomic
def set_own_name(name: str, *, acting_user: User, request_id: str = "") -> None:
    """How others see this person; empty: by e-mail."""
    name = " ".join(name.split())
    if len(name) > 150 or not name.isprintable():
        raise NameRefused("Give up to 150 printable characters.")
    before, acting_user.name = acting_user.name, name
    if before == name:
        return
    acting_user.save(update_fields=("name",))
    record(
        "user.changed",
        actor_kind="user",
        actor=acting_user.email,
        subject_kind="user",
        subject=str(acting_user.pk),
        before={"name": before},
        after={"name": name},
        request_id=request_id,
    )
