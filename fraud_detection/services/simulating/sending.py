"""Where simulated events go: to the API over several connections, to Valkey streams or to Kafka."""

import http.client
import json
import queue
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import urlsplit

from fraud_detection.services.streaming.envelope import key_of
from fraud_detection.services.streaming.names import Stream, shard_of
from fraud_detection.services.streaming.producing import Producer

ROUTES = {
    "payments": "transactions",
    "aml": "aml/detect",
    "credit": "credit/assess",
    "insurance": "insurance/detect",
    "market": "market/detect",
}
CONNECTIONS, WAITING = 6, 50
TRIES = 3


class Sender(Protocol):
    def send(self, engine: str, records: Sequence[Mapping[str, Any]]) -> None: ...

    def close(self) -> list[str]:
        """When everything has arrived: what did not, in words, a few of them."""


class StreamSender:
    def __init__(self, producer: Producer, stream: Stream):
        self.producer, self.stream = producer, stream

    def send(self, engine: str, records: Sequence[Mapping[str, Any]]) -> None:
        self.producer.send(self.stream, [(engine, record) for record in records])

    def close(self) -> list[str]:
        self.producer.close()
        return []


class ApiSender:
    """Each key on one connection, so that its order stays; a queue that is full holds the sender back."""

    def __init__(self, url: str, key: str):
        self.parts, self.key = urlsplit(url), key
        self.problems: list[str] = []
        self.queues: list[queue.Queue] = [queue.Queue(WAITING) for _ in range(CONNECTIONS)]
        self.threads = [threading.Thread(target=self._work, args=(one,), daemon=True) for one in self.queues]
        for thread in self.threads:
            thread.start()

    def send(self, engine: str, records: Sequence[Mapping[str, Any]]) -> None:
        for record in records:
            self.queues[shard_of(key_of(engine, record), CONNECTIONS)].put((engine, record))

    def close(self) -> list[str]:
        for one in self.queues:
            one.put(None)
        for thread in self.threads:
            thread.join()
        return self.problems[:5]

    def _work(self, waiting: queue.Queue) -> None:
        connection = self._connection()
        while (job := waiting.get()) is not None:
            connection = self._post(connection, *job)
        connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self.parts.scheme == "https" else http.client.HTTPConnection
        return kind(self.parts.netloc, timeout=30)

    def _post(
        self, connection: http.client.HTTPConnection, engine: str, record: Mapping[str, Any]
    ) -> http.client.HTTPConnection:
        headers = {"Content-Type": "application/json", "X-API-Key": self.key}
        body = json.dumps(record, default=str)
        problem = ""
        for _ in range(TRIES):
            try:
                connection.request("POST", f"/api/v1/{ROUTES[engine]}/", body, headers)
                answer = connection.getresponse()
                content = answer.read()
                if answer.status < 300:
                    return connection
                problem = f"{answer.status}: {content[:200].decode(errors='replace')}"
                if answer.status < 500:
                    break
            except (OSError, http.client.HTTPException) as error:
                problem = f"{type(error).__name__}: {error}"
                with suppress(OSError):
                    connection.close()
                connection = self._connection()
        self.problems.append(problem)
        return connection
