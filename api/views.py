"""What all views of the API share: who may call, how answers look, what every answer carries."""

from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.template.response import SimpleTemplateResponse
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from api.authentication import CHALLENGE
from api.parsers import drain, refuse_too_large
from api.permissions import PUBLIC
from api.problems import Fault, MalformedBody, ProblemError, Refused, pointer
from api.reading import record_pending
from api.rehearsing import as_ordered, is_test
from fraud_detection.services.rehearsal import rehearsal
from users.roles import Ability

UNKNOWN_AT_MOST = 20  # named in one answer


class JsonOnly(BaseContentNegotiation):
    """There is one form of answer, so Accept is not weighed."""

    def select_parser(self, request: Request, parsers: list) -> Any:
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(self, request: Request, renderers: list, format_suffix: str | None = None) -> tuple:
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """Base of every route. `abilities` names what each method needs, see api.permissions."""

    abilities: dict[str, Ability | None] = {}
    content_negotiation_class = JsonOnly
    largest_body: int | None = None  # bytes, below MAX_BODY_BYTES
    _rehearsal: ExitStack | None = None
    streams_body = False  # a file that goes to disk has a limit of its own
    commits_itself = False  # a POST that stores piece by piece, and does nothing twice by itself

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.format_kwarg = request.version = request.versioning_scheme = None
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        try:
            self.perform_authentication(request)
        finally:
            self.check_throttles(request)  # guessing credentials counts too, and so does every refusal
        if request.method.lower() not in self.http_method_names or not hasattr(self, request.method.lower()):
            raise exceptions.MethodNotAllowed(request.method)
        _refuse_nul(request, kwargs)
        if not self.streams_body:
            refuse_too_large(request.META.get("CONTENT_LENGTH"), self.largest_body)
        self.check_permissions(request)
        if is_test(request):
            if self.streams_body and request.method == "POST":
                raise Refused([], "A test key stores nothing, so it cannot send files; use a live key.")
            self._rehearsal = ExitStack()
            self._rehearsal.enter_context(rehearsal())

    def spooled_at_most(self) -> int:
        """Bytes of a streamed body that an Idempotency-Key lets lie on disk until it is read."""
        return settings.MAX_BODY_BYTES

    def get_authenticate_header(self, request: Request) -> str:
        return CHALLENGE  # 401, never 403, also from routes that look at no header

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse(status=204)

    def handle_exception(self, exc: Exception) -> HttpResponse:
        response = super().handle_exception(exc)
        # Answered and logged. A frame that holds the error it raised would keep the body like the rest.
        exc.__traceback__ = exc.__context__ = exc.__cause__ = None
        return response

    def finalize_response(
        self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if self._rehearsal is not None:
            if hasattr(response, "data") and response.status_code < 300:
                response.data = as_ordered(request, response.data)
            self._rehearsal.close()
            record_pending(request)
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code >= 400 and not request._request._read_started:
            drain(request._request)
        standing = getattr(getattr(request, "_request", request), "rate_standing", None)
        if standing is not None:
            for name, value in standing.headers().items():
                response[name] = value
        response.headers.setdefault("Cache-Control", "no-store")
        self._let_go(request, response)
        return response

    def _let_go(self, request: Request, response: HttpResponse) -> None:
        """They refer to each other: the parsed body would stay until the next full collection."""
        if isinstance(request, Request):
            request.parser_context = {}
        if isinstance(response, SimpleTemplateResponse):
            response.add_post_render_callback(_forget_context)
        self.request = self.headers = None


def _forget_context(response: Response) -> None:
    response.renderer_context = {}


class UnknownRoute(ApiView):
    """Whatever else is asked for below /api/."""

    abilities = dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), PUBLIC)

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        raise Http404

    post = put = patch = delete = get


def body_of(request: Request) -> Any:
    """The body as JSON; raises MalformedBody when there is none."""
    if "HTTP_TRANSFER_ENCODING" in request.META:
        raise ProblemError("Send the body with a Content-Length.", status=411)  # WSGI reads none without
    if is_empty(request):
        raise MalformedBody("The body is empty.")
    return request.data


def is_empty(request: Request) -> bool:
    """Whether no body was sent, for routes that need none."""
    without = request.META.get("CONTENT_LENGTH") in (None, "", "0")
    return without and "HTTP_TRANSFER_ENCODING" not in request.META


def json_object(request: Request, known: tuple[str, ...]) -> dict[str, Any]:
    """The body as an object with no other names than the known ones; a 422 names those that are not."""
    content = body_of(request)
    if not isinstance(content, dict):
        raise Refused([Fault("", "wrong_type", "must be a JSON object")])
    unknown = [name for name in content if name not in known]
    if unknown:
        raise Refused(_unknown_faults(unknown))
    return content


def _unknown_faults(names: list[str]) -> list[Fault]:
    faults = [
        Fault(pointer(_shown(name)), "unknown_field", "is not a known field")
        for name in names[:UNKNOWN_AT_MOST]
    ]
    if len(names) > UNKNOWN_AT_MOST:
        more = len(names) - UNKNOWN_AT_MOST
        faults.append(Fault("", "unknown_field", f"{more:,} more names are not known fields"))
    return faults


def validated(kind: type[Serializer], request: Request) -> dict[str, Any]:
    """The body as this serializer reads it; a 422 names every value that it does not accept."""
    serializer = kind(data=json_object(request, tuple(kind().fields)))
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


def _shown(name: str) -> str:
    return name[:60].encode("utf-8", "replace").decode()


def _refuse_nul(request: Request, kwargs: dict[str, Any]) -> None:
    """PostgreSQL cannot be asked for a text with NUL in it."""
    if any(isinstance(value, str) and "\x00" in value for value in kwargs.values()):
        raise Http404
    if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.META.get("QUERY_STRING", ""):
        raise ProblemError("The query contains a NUL character.", status=400)
