"""Who may open a page: every view names the ability it needs, and the one role table answers."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from users.roles import Ability

View = Callable[..., HttpResponse]


def requires(ability: Ability) -> Callable[[View], View]:
    """Strangers are sent to sign in; people whose role lacks the ability get 403 and nothing happens."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_login(request)
            if not request.user.can(ability):
                raise PermissionDenied(ability.value)
            return view(request, *args, **kwargs)

        return guarded

    return guard


def _to_login(request: HttpRequest) -> HttpResponse:
    if not request.htmx:
        return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
    response = HttpResponse(status=401)  # htmx would put the sign-in page into the fragment's place
    response["HX-Redirect"] = resolve_url(settings.LOGIN_URL)
    return response
