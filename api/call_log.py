"""What the API call log keeps of a request and its answer."""

import random
import time
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.utils.functional import SimpleLazyObject

from api.authentication import KeyPrincipal, client_address
from logs.services import calls

BELOW = "/api/"
SAMPLED_AT_MOST = 65_536  # bytes of a body that may be kept
NOBODY = ("nobody", "")


def sampled(request: HttpRequest) -> bool:
    """Whether the bodies of this call are kept too; its body is then read, before the view does."""
    if random.random() >= settings.CALL_LOG_SAMPLE or not _is_logged(request) or "/token" in request.path:
        return False
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > SAMPLED_AT_MOST or _is_file(request):
        return False
    try:
        return request.body is not None
    except (UnreadablePostError, RawPostDataException, RequestDataTooBig):
        return False


def note(
    request: HttpRequest, response: HttpResponse, *, route: str, seconds: float, with_bodies: bool
) -> None:
    """Hand a call to the log; costs microseconds and never fails the call."""
    if not _is_logged(request):
        return
    kind, caller = _caller(request.__dict__.get("user"))
    content = None if response.streaming else response.content
    length = request.META.get("CONTENT_LENGTH") or "0"
    calls.add(
        calls.Call(
            time.time() - seconds,
            kind,
            caller,
            request.method,
            route,
            request.path,
            response.status_code,
            int(seconds * 1_000_000),
            getattr(request, "request_id", ""),
            int(length) if length.isdecimal() and len(length) < 18 else 0,
            None if content is None else len(content),
            client_address(request),
            request.body if with_bodies else None,
            content[:SAMPLED_AT_MOST] if with_bodies and content is not None else None,
        )
    )


def _is_logged(request: HttpRequest) -> bool:
    return settings.CALL_LOG_DAYS > 0 and request.path_info.startswith(BELOW)


def _is_file(request: HttpRequest) -> bool:
    return (request.META.get("CONTENT_TYPE") or "").startswith("multipart/")


def _caller(user: Any) -> tuple[str, str]:
    """Who was found to call; a session nobody asked for is not looked up."""
    if type(user) is KeyPrincipal:
        return "key", user.actor
    if user is None or type(user) is SimpleLazyObject or not user.is_authenticated:
        return NOBODY
    return "user", user.email
