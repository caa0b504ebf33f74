"""The Idempotency-Key header: a POST under a key is carried out once and answered again the same."""

import functools
import hashlib
import re
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import KeyPrincipal
from api.problems import Conflict, ProblemError, Refused
from logs.services import Standing, begin_call, finish_call, forget_call

HEADER = "Idempotency-Key"
SANE = re.compile(r"[\x21-\x7e]{1,255}")
DOCUMENTED = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description="Carry this out once a key and caller: kept for 24 hours, answered again the same.",
)


def idempotent(method: Callable[..., Response]) -> Callable[..., Response]:
    """Wrap a view's POST: 409 while the first call runs, 422 when the key came with another body."""

    @functools.wraps(method)
    def wrapped(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return method(view, request, *args, **kwargs)
        if not SANE.fullmatch(key):
            raise ProblemError(f"{HEADER} must be 1 to 255 visible ASCII characters.", status=400)
        begun = begin_call(caller=caller_of(request), key=key, digest=_digest(request), now=timezone.now())
        if begun.standing == Standing.ANSWERED:
            return Response(begun.body, status=begun.status, headers={"Idempotent-Replayed": "true"})
        if begun.standing == Standing.RUNNING:
            raise Conflict(f"A call under this {HEADER} is still running.", headers={"Retry-After": "1"})
        if begun.standing == Standing.OTHER_BODY:
            raise Refused([], f"This {HEADER} came with another request before.")
        return _carried_out(begun.id, lambda: method(view, request, *args, **kwargs))

    return wrapped


def _carried_out(call_id: int, work: Callable[[], Response]) -> Response:
    try:
        response = work()
    except BaseException:
        forget_call(call_id)  # nothing was created: the same key may try again
        raise
    finish_call(call_id, status=response.status_code, body=response.data)
    return response


def caller_of(request: Request) -> str:
    """Whose key it is: keys of a client system are rotated, so the client counts."""
    user = request.user
    return f"client:{user.client.pk}" if isinstance(user, KeyPrincipal) else f"user:{user.pk}"


def _digest(request: Request) -> bytes:
    said = b"\0".join((request.method.encode(), request.path.rstrip("/").encode(), request._request.body))
    return hashlib.blake2b(said, digest_size=16).digest()
