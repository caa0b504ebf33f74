"""The Idempotency-Key header: a POST under a key is carried out once and answered again the same.

Every POST that changes something is wrapped in `idempotent`; the schema documents the header by that.
"""

import functools
import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.services.sealing import SealBroken, seal, unseal
from api.authentication import KeyPrincipal
from api.problems import BodyTooLarge, Conflict, ProblemError, Refused
from logs.services import Begun, Standing, begin_call, finish_call, forget_call

HEADER = "Idempotency-Key"
SANE = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_HEADERS = ("Location", "Retry-After", "Content-Language")
WAIT = {"Retry-After": "1"}
PIECE = 64 * 1024
DOCUMENTED = OpenApiParameter(
    HEADER,
    {"type": "string", "pattern": r"^[\x21-\x7e]+$", "minLength": 1, "maxLength": 255},
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
        digest = _digest(request, view)
        begun = begin_call(caller=caller_of(request), key=key, digest=digest, now=timezone.now())
        if begun.standing == Standing.ANSWERED:
            return _again(begun)
        if begun.standing == Standing.RUNNING:
            raise Conflict(f"A call under this {HEADER} is still running.", headers=WAIT)
        if begun.standing == Standing.OTHER_BODY:
            raise Refused([], f"This {HEADER} came with another request before.")
        return _carried_out(begun, view, lambda: method(view, request, *args, **kwargs))

    wrapped.takes_idempotency_key = True
    return wrapped


def _carried_out(call: Begun, view: Any, work: Callable[[], Response]) -> Response:
    """The deed and the keeping of its answer are one transaction, unless the view commits by itself."""
    try:
        if view.commits_itself:
            response = work()
        else:
            with transaction.atomic():
                response = work()
                if not _keep(call, response):
                    raise Conflict(f"Another call under this {HEADER} took over.", headers=WAIT)
    except BaseException:
        forget_call(call)  # nothing was created: the same key may try again
        raise
    if view.commits_itself:
        _keep(call, response)
    return response


def _keep(call: Begun, response: Response) -> bool:
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    kept = json.dumps({"body": response.data, "headers": headers}, cls=DjangoJSONEncoder)
    sealed = {"sealed": seal(kept)}  # may hold a new secret
    return finish_call(call, status=response.status_code, body=sealed)


def _again(begun: Begun) -> Response:
    """The answer of the first time; raises Conflict when it can no longer be read."""
    try:
        kept = json.loads(unseal(begun.body["sealed"]))
    except (SealBroken, KeyError, TypeError):  # kept by a version that did not seal
        raise Conflict(f"The answer under this {HEADER} cannot be read any more; take a new key.") from None
    headers = kept["headers"] | {"Idempotent-Replayed": "true"}
    return Response(kept["body"], status=begun.status, headers=headers)


def caller_of(request: Request) -> str:
    """Whose key it is: keys of a client system are rotated, so the client counts."""
    user = request.user
    return f"client:{user.client.pk}" if isinstance(user, KeyPrincipal) else f"user:{user.pk}"


def _digest(request: Request, view: Any) -> bytes:
    """What makes two requests the same; the boundary of a multipart body, new in each try, does not count."""
    plain: HttpRequest = request._request
    query = plain.META.get("QUERY_STRING", "")
    # Keyed: a body that differs from a known one by a card number is not found by trying.
    digest = hashlib.blake2b(digest_size=16, key=settings.CARD_HASH_KEY.encode()[:64])
    for said in (request.method, request.path.rstrip("/"), query):
        digest.update(said.encode("utf-8", "surrogateescape") + b"\0")
    boundary = plain.content_params.get("boundary", "") if plain.content_type.startswith("multipart/") else ""
    pieces = _spooled(plain, view.spooled_at_most()) if view.streams_body else iter((plain.body,))
    for piece in _without(pieces, boundary.encode("utf-8", "surrogateescape")):
        digest.update(piece)
    return digest.digest()


def _without(pieces: Iterator[bytes], boundary: bytes) -> Iterator[bytes]:
    """The same bytes with the boundary left out, also where it lies across two pieces."""
    rest = b""
    for piece in pieces:
        if not boundary:
            yield piece
            continue
        *whole, rest = (rest + piece).split(boundary)
        yield from whole
        keep = min(len(rest), len(boundary) - 1)
        yield rest[: len(rest) - keep]
        rest = rest[len(rest) - keep :]
    yield rest


def _spooled(request: HttpRequest, at_most: int) -> Iterator[bytes]:
    """The body in pieces; it is kept on disk, where the view then reads it."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > at_most:
        raise BodyTooLarge(f"The body has {int(length):,} bytes; at most {at_most:,} are accepted.")
    spool = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115 - read by the view
    while piece := request._stream.read(PIECE):
        spool.write(piece)
        yield piece
    spool.seek(0)
    request._stream = spool
