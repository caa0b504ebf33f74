"""Recording who looked at somebody's whole personal data on a page."""

from django.http import HttpRequest

from logs.services.reads import record_read
from users.models import Customer


def note_read(request: HttpRequest, customer: Customer | None, what: str) -> None:
    """Record that the signed-in person was shown the personal data of a customer, if there is one."""
    if customer is not None:
        record_read(
            "customer",
            str(customer.pk),
            actor_kind="user",
            actor=request.user.email,
            what=what,
            request_id=request.request_id,
        )
