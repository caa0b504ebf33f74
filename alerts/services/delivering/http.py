"""One HTTP POST with bounds: where it goes, how long it takes, how much of the answer is read."""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from alerts.services.delivering.addresses import AddressRefused, connect

READ_AT_MOST = 2_000  # bytes of an answer
KEPT_OF_ANSWER = 500


@dataclass(frozen=True)
class Sent:
    """What came of one try. `status` is None without an answer; `error` is empty after a 2xx."""

    status: int | None
    latency_ms: int
    error: str = ""
    response: str = ""
    retry_after: int | None = None

    @property
    def ok(self) -> bool:
        return not self.error


class _Guarded(http.client.HTTPConnection):
    """Connects where `connect` lets it; TLS is told the name of the URL, not the address."""

    def __init__(self, host: str, port: int, *, tls: bool, timeout: float):
        super().__init__(host, port, timeout=timeout)
        self.tls = tls
        self.default_port = 443 if tls else 80
        self.expired = False

    def connect(self) -> None:
        self.sock = connect(self.host, self.port, self.timeout)
        if self.expired:  # the cut came before there was anything to cut
            raise TimeoutError
        if self.tls:
            self.sock = _tls().wrap_socket(self.sock, server_hostname=self.host)
        if self.expired:  # while it shook hands: the cut found a socket that TLS had taken over
            raise TimeoutError


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def post(url: str, body: bytes, headers: dict[str, str], *, timeout: float) -> Sent:
    """POST once, follow no redirect; the whole, name resolution included, ends after `timeout` seconds."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    connection = _Guarded(parts.hostname or "", parts.port or (443 if tls else 80), tls=tls, timeout=timeout)
    started = time.monotonic()
    cut = threading.Timer(timeout, _cut, (connection,))  # one byte a second never times a socket out
    cut.daemon = True
    cut.start()
    try:
        return _answered(connection, parts, body, headers, started)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Sent(None, _since(started), "timed out" if connection.expired else said(error))
    finally:
        cut.cancel()
        with contextlib.suppress(OSError):
            connection.close()


def _answered(connection: _Guarded, parts, body: bytes, headers: dict[str, str], started: float) -> Sent:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    text = answer.read(READ_AT_MOST).decode("utf-8", "replace").replace("\x00", "\ufffd")[:KEPT_OF_ANSWER]
    status, after = answer.status, answer.headers.get("Retry-After", "")
    error = ""
    if 300 <= status < 400:
        error = f"answered {status}: redirects are not followed"
    elif not 200 <= status < 300:
        error = f"answered {status}"
    wait = min(int(after), 3600) if after.isascii() and after.isdigit() and len(after) < 8 else None
    return Sent(status, _since(started), error, text, wait)


def _cut(connection: _Guarded) -> None:
    connection.expired = True
    link = connection.sock
    if link is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(link, socket.SHUT_RDWR)


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def said(error: Exception) -> str:
    """A failure in a few words that name neither URL nor secret."""
    if isinstance(error, AddressRefused):
        return f"refused: {error}"[:300]
    if isinstance(error, TimeoutError):
        return str(error)[:300] if "resolved" in str(error) else "timed out"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {getattr(error, 'verify_message', '') or error.reason or 'failed'}"[:300]
    if isinstance(error, socket.gaierror):
        return "the name cannot be resolved"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, OSError):
        return f"connection failed: {error.strerror or type(error).__name__}"[:300]
    return f"the answer cannot be read: {type(error).__name__}"[:300]
