"""RFC 9457 problem details: the one form in which this API says that something went wrong."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest, JsonResponse
from rest_framework.exceptions import APIException

from logs.redacting import redact_text

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "Malformed request",
    401: "Not authenticated",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    410: "No longer there",
    411: "Length required",
    413: "Body too large",
    415: "Unsupported content type",
    422: "Values not accepted",
    429: "Too many requests",
    500: "Internal error",
    503: "Temporarily unavailable",
    507: "No room",
}
SLUGS = {status: title.lower().replace(" ", "-") for status, title in TITLES.items()}


class Fault(NamedTuple):
    """One thing wrong: where (RFC 6901 pointer into the body, "" the whole), a stable code, a sentence."""

    pointer: str
    code: str
    detail: str


def pointer(*steps: str | int) -> str:
    """The JSON pointer of a path."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


class ProblemError(APIException):
    """Raise to answer with this problem."""

    status_code = 400

    def __init__(
        self,
        detail: str,
        *,
        status: int | None = None,
        faults: Sequence[Fault] = (),
        headers: dict[str, str] | None = None,
    ):
        super().__init__(detail)
        self.headers = headers
        self.status_code = status or self.status_code
        self.sentence = detail
        self.faults = list(faults)


class MalformedBody(ProblemError):
    """The body is not JSON as RFC 8259 wants it."""

    status_code = 400


class BodyTooLarge(ProblemError):
    status_code = 413


class Conflict(ProblemError):
    status_code = 409


class Refused(ProblemError):
    """Well-formed, but with values that are not accepted; `faults` names each."""

    status_code = 422

    def __init__(self, faults: Sequence[Fault], detail: str = ""):
        super().__init__(detail or summary(faults), faults=faults)


def summary(faults: Sequence[Fault]) -> str:
    """One sentence for the whole: the only fault itself, or how many there are."""
    if len(faults) == 1:
        name = faults[0].pointer.removeprefix("/") or "body"
        return f"{name}: {faults[0].detail}"
    return f"{len(faults)} values were not accepted."


def body(
    status: int, detail: str, *, instance: str, request_id: str, faults: Sequence[Fault] = ()
) -> dict[str, Any]:
    """The members of a problem, in the order people read them."""
    return {
        "type": f"urn:fraudguard:problem:{SLUGS.get(status, 'error')}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": redact_text(detail),
        "instance": instance,
        "request_id": request_id,
        "errors": [
            fault._replace(pointer=redact_text(fault.pointer), detail=redact_text(fault.detail))._asdict()
            for fault in faults
        ],
    }


def respond(
    request: HttpRequest,
    status: int,
    detail: str,
    *,
    faults: Sequence[Fault] = (),
    headers: dict[str, str] | None = None,
) -> JsonResponse:
    """A problem as the answer to this request."""
    request_id = getattr(request, "request_id", "")
    content = body(status, detail, instance=request.path, request_id=request_id, faults=faults)
    return JsonResponse(content, status=status, content_type=CONTENT_TYPE, headers=headers)
