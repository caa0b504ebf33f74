"""Who must have a second factor and has none is led to set one up, and gets to nothing else.

`User.can` refuses them everything already, for the API, tokens, sockets and the admin site too; this is how
the pages tell them what to do.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

OPEN = ("/account/two-factor/", "/account/reauthenticate/", "/logout/", "/static/", "/favicon.ico")
NOT_PAGES = ("/api/", "/health", "/ready", "/services/")


class TwoFactorGate:
    """Middleware, after the one that knows who is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.TWO_FACTOR_ROLES or request.path.startswith(OPEN + NOT_PAGES):
            return self.get_response(request)
        if not request.user.is_authenticated or not request.user.lacks_two_factor:
            return self.get_response(request)
        return _to_set_up(request)


def _to_set_up(request: HttpRequest) -> HttpResponse:
    there = reverse("mfa_index")
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(there)
    response = HttpResponse(status=401)
    response["HX-Redirect"] = there
    return response
