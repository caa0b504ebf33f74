"""JSON bodies, read strictly: what two readers could understand differently is refused.

Refused with 400: a body that is not UTF-8 or not JSON, NaN and Infinity, a name given twice in one
object, numbers no computer compares exactly, nesting beyond reason. Escaped control characters
inside a text are left to the field that holds it, whose refusal names it.
"""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from api.problems import BodyTooLarge, MalformedBody

MAX_DIGITS = 40
DRAINED_AT_MOST = 64 * 1024 * 1024


class StrictJSONParser(BaseParser):
    """The only parser of the API."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping | None = None
    ) -> Any:
        try:
            return json.loads(_decoded(stream.read()), **STRICT)
        except RecursionError:
            raise MalformedBody("The JSON body is nested too deeply.") from None
        except json.JSONDecodeError as error:
            raise MalformedBody(
                f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
            ) from None


def refuse_too_large(content_length: str | None, largest: int | None = None) -> None:
    """Raises BodyTooLarge for a body that says itself that it is; `largest` can only lower the limit."""
    limit = min(largest or settings.MAX_BODY_BYTES, settings.MAX_BODY_BYTES)
    if content_length and content_length.isdigit() and int(content_length) > limit:
        raise BodyTooLarge(f"The body has {int(content_length):,} bytes; at most {limit:,} are accepted.")


def drain(stream: IO[bytes]) -> None:
    """Take in what the client is still sending: most clients read no answer before they have sent all."""
    for _ in range(DRAINED_AT_MOST // 65536):
        if not stream.read(65536):
            return


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedBody(f"The body is not UTF-8: byte {error.start} cannot be read.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))
        shown = twice[:60].encode("utf-8", "replace").decode()
        raise MalformedBody(f"The name '{shown}' stands twice in one object.")
    return made


def _constant(text: str) -> Any:
    raise MalformedBody(f"{text} is not a JSON value.")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise MalformedBody(f"The number {text[:40]} is too large.")
    return value


def _int(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise MalformedBody(f"A number of {len(text):,} digits is too large.")
    return int(text)


STRICT = {"object_pairs_hook": _object, "parse_constant": _constant, "parse_float": _float, "parse_int": _int}
