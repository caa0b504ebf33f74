"""Keys of client systems, people and invitations."""

from django.http import HttpRequest, HttpResponse

from api import problems
from api.errors.answering import Answer, conflict, forbidden, value_refused
from api.problems import Fault, pointer
from users.services.api_keys import KeyConflict, KeyRefused
from users.services.invitations import InvitationRefused, InvitationSpent
from users.services.people import OwnAccount, PersonConflict, PersonRefused

FIELDS = {"name": "client"}  # what the request calls it


def _key_refused(request: HttpRequest, error: KeyRefused) -> HttpResponse:
    fault = Fault(pointer(FIELDS.get(error.field, error.field)), "invalid", error.message)
    return problems.respond(request, 422, problems.summary([fault]), faults=[fault])


ANSWERS: tuple[Answer, ...] = (
    (KeyRefused, _key_refused),
    ((KeyConflict, PersonConflict, InvitationSpent), conflict),
    ((PersonRefused, InvitationRefused), value_refused),
    (OwnAccount, forbidden),
)
