"""Recording who read somebody's whole personal data through the API."""

from rest_framework.request import Request

from api.authentication import actor_of, request_id_of
from api.rehearsing import is_test
from logs.services.reads import record_read
from users.models import Customer

PENDING = "reads_to_record"


def note_read(request: Request, customer: Customer | None, what: str) -> None:
    """Record that the caller was shown the personal data of a customer, if there is one."""
    if customer is None:
        return
    if is_test(request):  # a rehearsal is undone, but what was seen was seen
        request._request.__dict__.setdefault(PENDING, []).append((customer, what))
    else:
        _record(request, customer, what)


def record_pending(request: Request) -> None:
    """After a rehearsal: what a test key was shown."""
    for customer, what in getattr(request, "_request", request).__dict__.pop(PENDING, ()):
        _record(request, customer, what)


def _record(request: Request, customer: Customer, what: str) -> None:
    record_read(
        "customer",
        str(customer.pk),  # never the customer's own id: the trail outlives an erasure
        actor_kind=getattr(request.user, "actor_kind", "user"),
        actor=actor_of(request),
        what=what,
        request_id=request_id_of(request),
    )
