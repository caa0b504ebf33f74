"""Web processes stop and are replaced under real traffic: readiness goes first and no request is lost."""

import itertools
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import ExitStack, contextmanager

import pytest

from tests.real_server import RealServer, database_copy

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]


class Draining(RealServer):
    """As the image starts it: `process` is the one that gets the signals."""

    def command(self) -> list[str]:
        return [sys.executable, "-m", "fraudguard.run.draining", *super().command()]


@pytest.fixture
def server(django_db_setup, django_db_blocker, tmp_path):
    with django_db_blocker.unblock(), database_copy() as url, ExitStack() as after:
        server = Draining({"DATABASE_URL": url, "DRAIN_SECONDS": "2"}, tmp_path / "web.log")
        server.manage("install_engines")
        server.key = server.manage("create_api_key", "till", "--scope", "ingest", "--scope", "read").strip()
        server.start()
        after.callback(lambda: server.process.poll() is None and server.kill())
        yield server


class Traffic:
    """Eight clients that post until they are told to stop; `said` counts the answers, `named` who got 201."""

    def __init__(self, server: RealServer) -> None:
        self.server, self.said, self.named = server, Counter(), set()
        self.numbers, self.over = itertools.count(1), threading.Event()

    def client(self) -> None:
        while not self.over.is_set():
            name = f"T-{next(self.numbers)}"
            body = {"transaction_id": name, "amount": "10.00", "sender_id": name, "receiver_id": "shop"}
            try:
                answer = self.server.call("POST", "/api/v1/transactions/", body, X_API_Key=self.server.key)
            except ConnectionRefusedError:
                self.said["not accepted"] += 1
                self.over.wait(0.02)
                continue
            except OSError as error:
                self.said[type(error).__name__] += 1
                continue
            self.said[answer.status] += 1
            if answer.status == 201:
                self.named.add(name)

    @contextmanager
    def flowing(self):
        clients = [threading.Thread(target=self.client) for _ in range(8)]
        for each in clients:
            each.start()
        try:
            yield
        finally:
            self.over.set()
            for each in clients:
                each.join()

    def until(self, more: int) -> None:
        """Returns when so many more requests were answered with 201."""
        goal = len(self.named) + more
        while len(self.named) < goal:
            self.over.wait(0.01)


def worker_pids(server: RealServer) -> set[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(granian_pid(server))], capture_output=True, text=True, check=True
    )
    return {int(pid) for pid in listed.stdout.split()}


def granian_pid(server: RealServer) -> int:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(server.process.pid)], capture_output=True, text=True, check=True
    )
    return int(listed.stdout)


@pytest.mark.long
def test_replacing_every_worker_under_load_loses_no_request(server):
    traffic, before = Traffic(server), worker_pids(server)
    with traffic.flowing():
        traffic.until(100)
        os.kill(server.process.pid, signal.SIGHUP)
        while before & worker_pids(server):
            traffic.until(10)
        traffic.until(100)
    assert set(traffic.said) == {201}
    server.stop()


def test_readiness_goes_first_and_what_was_accepted_is_finished(server):
    traffic = Traffic(server)
    with traffic.flowing():
        traffic.until(50)
        server.process.terminate()
        ready = server.call("GET", "/ready")
        while ready.body["parts"] != {"accepting": False}:
            ready = server.call("GET", "/ready")
        assert (ready.status, ready.headers["retry-after"]) == (503, "5")
        traffic.until(20)  # not ready, yet nobody who comes all the same is turned away
        server.process.wait(30)
    assert set(traffic.said) <= {201, "not accepted"}
    server.start()
    for name in sorted(traffic.named)[:: max(1, len(traffic.named) // 50)]:
        found = server.call("GET", f"/api/v1/transactions/{name}/", X_API_Key=server.key)
        assert found.status == 200
    server.stop()
