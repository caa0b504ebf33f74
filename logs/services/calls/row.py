"""One call as a process remembers it, and as COPY takes it."""

import ipaddress
import json
from datetime import UTC, datetime
from typing import NamedTuple

from logs.redacting import redact, redact_text

LONGEST_BODY = 16_384  # characters kept of a sampled body
COLUMNS = (
    "at", "caller_kind", "caller", "method", "route", "path", "status", "latency_us", "request_id",
    "bytes_in", "bytes_out", "address", "request_body", "response_body",
)  # fmt: skip
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": "\ufffd"})


class Call(NamedTuple):
    """What a web process notes; `at` in seconds since 1970, bodies as raw bytes or None."""

    at: float
    caller_kind: str
    caller: str
    method: str
    route: str
    path: str
    status: int
    latency_us: int
    request_id: str
    bytes_in: int
    bytes_out: int | None
    address: str
    request_body: bytes | None = None
    response_body: bytes | None = None


def line_of(call: Call) -> str:
    """A line of COPY's text format; whatever a caller sent becomes a value that the table takes."""
    values = (
        datetime.fromtimestamp(call.at, UTC).isoformat(),
        call.caller_kind,
        call.caller[:150],
        call.method[:8],
        call.route[:128],
        redact_text(call.path[:200])[:200],
        call.status,
        min(call.latency_us, 2**31 - 1),
        call.request_id[:64],
        min(call.bytes_in, 2**62),
        call.bytes_out,
        _address(call.address),
        _body(call.request_body),
        _body(call.response_body),
    )
    return "\t".join(r"\N" if value is None else _escaped(value) for value in values) + "\n"


def _escaped(value: str | int) -> str:
    return str(value).translate(ESCAPES).encode("utf-8", "replace").decode()


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text)).partition("%")[0]
    except ValueError:
        return None


def _body(content: bytes | None) -> str | None:
    """A sampled body without secrets and card numbers, cut to what is kept."""
    if content is None:
        return None
    text = content.decode("utf-8", "replace")
    try:
        cleaned = json.dumps(redact(json.loads(text)), ensure_ascii=False)
    except (ValueError, RecursionError):
        cleaned = redact_text(text)
    return cleaned[:LONGEST_BODY]
