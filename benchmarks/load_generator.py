"""HTTP load on 127.0.0.1 over keep-alive connections: as fast as answers come, or at a given rate."""

import asyncio
import collections
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np

KEPT = 20_000  # bodies; their order says nothing, so the first will do
LATE_SECONDS = 60  # how long answers are awaited after the end


@dataclass(frozen=True)
class Load:
    """What was answered: `seconds` each answer took, statuses, and the bodies of as many as are kept."""

    window: float
    answered: int  # within the window
    seconds: np.ndarray
    statuses: dict[int, int]
    bodies: list[Any]

    @property
    def rate(self) -> float:
        return self.answered / self.window

    def quantile_ms(self, share: float) -> float:
        return float(np.quantile(self.seconds, share) * 1000) if len(self.seconds) else float("nan")


def run(
    url: str,
    body: Callable[[], bytes],
    *,
    headers: dict[str, str],
    connections: int,
    seconds: float,
    per_second: float | None = None,
) -> Load:
    """Post bodies for some seconds. With `per_second` requests are due at even times, and a request
    that had to wait for a free connection is as late as it was answered."""
    if urlsplit(url).hostname != "127.0.0.1":
        raise ValueError(f"{url}: only 127.0.0.1 is put under load")
    return asyncio.run(_Run(url, body, headers, seconds, per_second).go(connections))


class _Run:
    def __init__(self, url: str, body, headers: dict[str, str], seconds: float, per_second: float | None):
        parts = urlsplit(url)
        self.host, self.port, self.body = parts.hostname, parts.port, body
        lines = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}", "Content-Type: application/json"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.head = ("\r\n".join(lines) + "\r\nContent-Length: ").encode()
        self.seconds, self.per_second = seconds, per_second
        self.taken: list[float] = []
        self.statuses: collections.Counter[int] = collections.Counter()
        self.bodies: list[bytes] = []
        self.answered = self.sent = 0

    async def go(self, connections: int) -> Load:
        pairs = [await asyncio.open_connection(self.host, self.port) for _ in range(connections)]
        self.start = time.perf_counter()
        self.end = self.start + self.seconds
        work = [self._worker(reader, writer) for reader, writer in pairs]
        await asyncio.wait_for(asyncio.gather(*work), self.seconds + LATE_SECONDS)
        for _, writer in pairs:
            writer.close()
        bodies = [json.loads(body) for body in self.bodies]
        return Load(self.seconds, self.answered, np.array(self.taken), dict(self.statuses), bodies)

    async def _worker(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (due := await self._due()) is not None:
            body = self.body()
            begun = time.perf_counter() if self.per_second is None else due
            writer.write(b"%s%d\r\n\r\n%s" % (self.head, len(body), body))
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length:", 1)[1].split(b"\r", 1)[0])
            content = await reader.readexactly(length)
            self._note(time.perf_counter(), begun, int(head[9:12]), content)

    async def _due(self) -> float | None:
        """When the next request is due; None when it is over."""
        if self.per_second is None:
            now = time.perf_counter()
            return now if now < self.end else None
        due = self.start + self.sent / self.per_second
        self.sent += 1
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        return due if due < self.end else None

    def _note(self, now: float, begun: float, status: int, content: bytes) -> None:
        self.taken.append(now - begun)
        self.statuses[status] += 1
        self.answered += now <= self.end
        if len(self.bodies) < KEPT:
            self.bodies.append(content)
