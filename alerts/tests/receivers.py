"""A local HTTP receiver that tests tell what to answer, and that tells what it was sent."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ALLOWED = "127.0.0.0/8"


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`answer(received)` gives the status, or (status, headers, body)."""

    url: str = ""
    answer: Callable[[Received], int | tuple] = lambda received: 204
    received: list[Received] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)
    let_go: threading.Event = field(default_factory=threading.Event)

    def wait_for(self, count: int, seconds: float = 20) -> bool:
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.received) >= count, seconds)

    def hang(self, received: Received) -> int:
        """An answer that only comes when the test lets go."""
        self.let_go.wait(30)
        return 204


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            one = Received(self.path, headers, self.rfile.read(length))
            with receiver.arrived:
                receiver.received.append(one)
                receiver.arrived.notify_all()
            answer = receiver.answer(one)
            status, more, body = answer if isinstance(answer, tuple) else (answer, {}, b"")
            try:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # the sender had enough

        def log_message(self, *args) -> None:
            """Quiet."""

    server = _Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield receiver
    finally:
        receiver.let_go.set()
        server.shutdown()
        server.server_close()


@contextmanager
def dripping(every: float = 0.05) -> Iterator[str]:
    """host:port of a server that answers with headers that never end, a byte at a time."""
    end = threading.Event()

    def drip(link: socket.socket) -> None:
        with link, contextlib.suppress(OSError):
            link.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not end.wait(every):
                link.sendall(b"x")

    def serve() -> None:
        with contextlib.suppress(OSError):
            while not end.is_set():
                threading.Thread(target=drip, args=(server.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            end.set()
