"""Around django-allauth's views: only the methods that are meant, strangers to sign in, no store no harm."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from redis.exceptions import RedisError

View = Callable[..., HttpResponse]
READ, BOTH, POST = ("GET", "HEAD"), ("GET", "HEAD", "POST"), ("POST",)


def entrance(view: View, methods: tuple[str, ...] = BOTH) -> View:
    """A page for people who are not signed in."""
    return require_http_methods(methods)(never_cache(_without_store(view)))


def own(view: View, methods: tuple[str, ...] = BOTH) -> View:
    """A page of one's own account; no ability is asked for, so it opens before a second factor is set up."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
        return view(request, *args, **kwargs)

    return entrance(guarded, methods)


def _without_store(view: View) -> View:
    """Tries are counted in the Redis store: while it is away, what needs counting waits."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except RedisError:
            response = render(request, "account/later.html", status=503)
            response["Retry-After"] = "60"
            return response

    return guarded
