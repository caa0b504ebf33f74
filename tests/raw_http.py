"""HTTP/1.1 by hand: sends what a library would refuse to send."""

import http.client
import socket
from contextlib import suppress
from typing import NamedTuple, Self

from tests.fuzzing import Request

PATIENCE = 60.0


class RawAnswer(NamedTuple):
    """Status 0: the server ended the connection without an answer."""

    status: int
    content_type: str
    body: bytes


class RawConnection:
    """One connection at a time, made anew whenever the server has closed it."""

    def __init__(self, port: int, headers: dict[str, str]):
        self.port, self.headers = port, headers
        self.socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._close()

    def send(self, request: Request) -> RawAnswer:
        """The answer; a connection that was closed meanwhile is tried once more."""
        for fresh in (self.socket is None, True):
            if fresh:
                self._close()
                self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
            with suppress(ConnectionError):  # closed while we still send: the answer may be there
                self.socket.sendall(self._bytes_of(request))
            with suppress(ConnectionError, http.client.HTTPException):
                return self._answer(request.method)
        return RawAnswer(0, "", b"")

    def _answer(self, method: str) -> RawAnswer:
        response = http.client.HTTPResponse(self.socket, method=method)
        response.begin()
        body = response.read()
        if response.will_close:
            self._close()
        return RawAnswer(response.status, response.getheader("Content-Type", ""), body)

    def _bytes_of(self, request: Request) -> bytes:
        given = {name.lower() for name, _ in request.headers}
        own = [("Host", f"127.0.0.1:{self.port}"), *self.headers.items()]
        headers = [each for each in own if each[0].lower() not in given] + request.headers
        body = request.body
        if request.chunked:
            headers.append(("Transfer-Encoding", "chunked"))
            pieces = [body[at : at + 50_000] for at in range(0, len(body), 50_000)]
            body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        elif body or request.method in ("POST", "PUT", "PATCH"):
            headers.append(("Content-Length", str(len(body))))
        lines = [
            f"{request.method} {request.path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in headers),
        ]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body

    def _close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None
