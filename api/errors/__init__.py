"""What is raised anywhere below a view becomes a problem here, once; a module for each noun.

`handler` serves Django REST framework; `bad_request` and `server_error` are the root handler400 and
handler500 for what fails before a view is reached. A new error: its class into the ANSWERS of its noun.
"""

from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.views import defaults

from api import problems
from api.errors import deciding, framework, jobs, people, rules, work
from api.errors.answering import Answer
from api.errors.deciding import record_faults
from api.errors.framework import suspicious

__all__ = ["bad_request", "handler", "record_faults", "server_error"]
log = structlog.get_logger(__name__)
ANSWERS: tuple[Answer, ...] = (
    *rules.ANSWERS,
    *deciding.ANSWERS,
    *work.ANSWERS,
    *jobs.ANSWERS,
    *people.ANSWERS,
    *framework.ANSWERS,
)


def handler(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """Django REST framework's EXCEPTION_HANDLER; never returns None, so nothing becomes an HTML page."""
    request = context["request"]
    for kind, answer in ANSWERS:
        if isinstance(error, kind):
            return answer(request, error)
    log.error("request_failed", path=request.path, exc_info=error)
    return problems.respond(
        request, 500, "An unexpected error occurred; quote the request id when asking for help."
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: an unknown host, too many fields; a problem below /api/, Django's page elsewhere."""
    if request.path.startswith("/api/"):
        return suspicious(request, exception)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: what failed outside of any view."""
    if request.path.startswith("/api/"):
        return problems.respond(request, 500, "An unexpected error occurred.")
    return defaults.server_error(request)
