"""Every request has an id: the caller's, when it is a sane one, else a new one.

What a caller writes into headers that are kept (this id, the browser's name) holds no card number.
"""

import re
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from logs.redacting import mask_cards

SANE = re.compile(r"[A-Za-z0-9._:-]{8,64}")


class RequestIdMiddleware:
    """Sets `request.request_id`, binds it to the logs, and answers it as X-Request-ID."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        browser = request.META.get("HTTP_USER_AGENT")
        if browser:  # kept with sessions and with failed sign-ins; before anybody asks for request.headers
            request.META["HTTP_USER_AGENT"] = mask_cards(browser)
        given = request.headers.get("X-Request-ID", "")
        sane = SANE.fullmatch(given) is not None and mask_cards(given) is given
        request.request_id = given if sane else uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=request.request_id)
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        response["X-Request-ID"] = request.request_id
        return response
