"""Bounds for code that speaks HTTP through requests: where it goes, how long it takes, how much it reads.

urllib3 has one place where connections are made, requests one where answers come in; both are replaced by
ones that look at the bounds of their own thread. Threads without bounds are not touched.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests.adapters
import urllib3.util.connection

from alerts.services.delivering.addresses import AddressRefused, connect

READ_AT_MOST = 1_000_000  # bytes of an answer; what is beyond is never read
_here = threading.local()
_plain_connection = urllib3.util.connection.create_connection
_plain_send = requests.adapters.HTTPAdapter.send


class Bounds:
    """What one call may do until `seconds` are over; `refusal` says why an address was not connected to."""

    def __init__(self, seconds: float):
        self.until = time.monotonic() + seconds
        self.refusal = ""
        self.over = False
        self._links: list[socket.socket] = []

    def check(self) -> None:
        """Raises TimeoutError when the time is over."""
        if self.over or time.monotonic() >= self.until:
            self.over = True
            raise TimeoutError("timed out")

    def hold(self, link: socket.socket) -> None:
        """Cut this connection when the time is over: one byte a second never times a socket out."""
        self._links.append(link.dup())  # TLS takes the original over
        if self.over:
            self.cut()

    def cut(self) -> None:
        self.over = True
        for link in list(self._links):
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for link in self._links:
            link.close()


@contextmanager
def bounded(seconds: float) -> Iterator[Bounds]:
    """Connections of this thread go where webhooks may go, and are cut when the time is over."""
    urllib3.util.connection.create_connection = _connection
    requests.adapters.HTTPAdapter.send = _send
    bounds = Bounds(seconds)
    end = threading.Timer(seconds, bounds.cut)
    end.daemon = True
    _here.bounds = bounds
    end.start()
    try:
        yield bounds
    finally:
        _here.bounds = None
        end.cancel()
        end.join()  # nothing is cut that was closed, and its number given to another
        bounds.close()


def _connection(address, timeout=None, source_address=None, socket_options=None):
    bounds: Bounds | None = getattr(_here, "bounds", None)
    if bounds is None:
        return _plain_connection(address, timeout, source_address, socket_options)
    bounds.check()
    left = bounds.until - time.monotonic()
    limit = min(timeout, left) if isinstance(timeout, (int, float)) else left
    try:
        link = connect(address[0].strip("[]"), address[1], max(limit, 0.05))
    except AddressRefused as refused:
        bounds.refusal = str(refused)
        raise
    for option in socket_options or ():
        link.setsockopt(*option)
    bounds.hold(link)
    return link


def _send(adapter, request, **kwargs):
    """A gigabyte of an answer, of a redirect's too, is neither awaited nor kept."""
    answer = _plain_send(adapter, request, **kwargs)
    bounds: Bounds | None = getattr(_here, "bounds", None)
    if bounds is not None:
        answer._content = answer.raw.read(READ_AT_MOST, decode_content=True)
        answer._content_consumed = True
        answer.raw.close()
    return answer
