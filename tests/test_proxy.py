"""The shipped proxy configuration in a real nginx, in front of real web and live processes."""

import http.client
import json
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.fixtures import PASSWORD
from tests.real_server import ROOT, START_SECONDS, RealServer, _free_port, database_copy, started

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
]
SET_UP = """
from django.core.management import call_command
from users.models import User
call_command("install_engines")
User.objects.create_user("ana@example.com", "{password}", role="analyst")
call_command("create_api_key", "shop", "--scope", "ingest", "--scope", "read")
"""
MAIN = """
daemon off;
pid {home}/nginx.pid;
error_log {home}/error.log;
worker_processes 1;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    include {home}/default.conf;
}}
"""


class Proxy(RealServer):
    """nginx on a port of its own; calls go through it."""

    def __init__(self, web: RealServer, live_port: int, home: Path):
        self.port, self.home, self.log, self.web = _free_port(), home, home / "nginx.log", web
        shipped = (ROOT / "env" / "nginx.conf").read_text()
        shipped = shipped.replace("listen 80;", f"listen 127.0.0.1:{self.port};")
        shipped = shipped.replace("http://web:8000", f"http://127.0.0.1:{web.port}")
        shipped = shipped.replace("http://live:8001", f"http://127.0.0.1:{live_port}")
        (home / "default.conf").write_text(shipped)
        (home / "nginx.conf").write_text(MAIN.format(home=home))
        self.command = [shutil.which("nginx"), "-c", str(home / "nginx.conf"), "-p", str(home)]

    def read_raw(self, request: bytes) -> http.client.HTTPResponse:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response


@pytest.fixture(scope="module")
def proxy(django_db_setup, django_db_blocker, tmp_path_factory):
    from django.conf import settings

    home = tmp_path_factory.mktemp("nginx")
    home.chmod(0o755)  # the workers of nginx are somebody else
    with ExitStack() as house:
        house.enter_context(django_db_blocker.unblock())
        database = house.enter_context(database_copy())
        environment = {
            "DATABASE_URL": database,
            "REDIS_URL": settings.REDIS_URL,
            "BEHIND_PROXY": "true",
            "LIVE_SAME_ORIGIN": "true",
        }
        web = RealServer(environment, home / "web.log")
        web.key = web.manage("shell", "--no-imports", "-c", SET_UP.format(password=PASSWORD)).split()[-1]
        web.start()
        house.callback(web.stop)
        live = _free_port()
        uvicorn = [sys.executable, "-m", "uvicorn", "--port", str(live), "--lifespan", "on"]
        house.enter_context(
            started([*uvicorn, "fraudguard.asgi:application"], web.environment, home / "live.log")
        )
        front = Proxy(web, live, home)
        subprocess.run([*front.command, "-t"], check=True, capture_output=True)
        front.process = house.enter_context(started(front.command, web.environment, front.log))
        front._wait()
        wait_for_port(live)
        yield front


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)  # asking again, not waiting for a result
    raise AssertionError("live is not up")


def payment(number: int = 1) -> dict:
    return {"transaction_id": f"P-{number}", "amount": "10.00", "sender_id": "a", "receiver_id": "b"}


def test_decisions_and_pages_come_through_one_port(proxy):
    answer = proxy.call("POST", "/api/v1/transactions/", payment(), X_API_Key=proxy.web.key)
    assert (answer.status, answer.body["transaction_id"]) == (201, "P-1")
    with closing(proxy.read_raw(b"GET /login/ HTTP/1.1\r\nHost: localhost\r\n\r\n")) as page:
        assert page.status == 200 and b"csrfmiddlewaretoken" in page.read()


def test_the_live_socket_opens_through_it_for_whoever_may_read(proxy):
    said = {"email": "ana@example.com", "password": PASSWORD}
    token = proxy.call("POST", "/api/v1/token/", said).body["access"]
    address, origin = f"ws://localhost:{proxy.port}/ws/live/", f"http://localhost:{proxy.port}"
    with connect(f"{address}?token={token}", origin=origin) as live:
        assert json.loads(live.recv(timeout=30))
    for query, said in (("", origin), (f"?token={token}", "http://elsewhere.example")):
        with pytest.raises(InvalidStatus, match="403"):
            connect(address + query, origin=said)


def test_a_client_cannot_choose_its_own_address(proxy):
    only = proxy.web.manage("create_api_key", "office", "--scope", "read", "--network", "10.9.0.0/16").strip()
    forged = {"X_Forwarded_For": "10.9.0.1", "X_API_Key": only}
    assert proxy.call("GET", "/api/v1/transactions/", **forged).status == 401
    assert proxy.call("GET", "/api/v1/transactions/", X_API_Key=proxy.web.key).status == 200


def test_a_hundred_slow_clients_keep_nobody_waiting(proxy):
    """Each has sent half a body: web never sees them, so its threads are free."""
    with ExitStack() as slow:
        for number in range(100):
            connection = slow.enter_context(socket.create_connection(("127.0.0.1", proxy.port), timeout=30))
            connection.sendall(
                b"POST /api/v1/score/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"X-API-Key: %s\r\nContent-Length: 1000\r\n\r\n{" % proxy.web.key.encode()
            )
            answer = proxy.call(
                "POST", "/api/v1/transactions/", payment(100 + number), X_API_Key=proxy.web.key
            )
            assert answer.status == 201


def test_what_the_proxy_refuses_is_a_problem_document(proxy):
    request = b"POST /api/v1/score/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99000000\r\n\r\n"
    with closing(proxy.read_raw(request)) as refused:
        body = json.loads(refused.read())
        assert (refused.status, refused.getheader("content-type")) == (413, "application/problem+json")
    assert (body["status"], body["title"]) == (413, "The body is too large")


def test_without_web_clients_are_told_to_come_back(proxy):
    proxy.web.stop()
    try:
        answer = proxy.call("GET", "/api/v1/health/")
        assert (answer.status, answer.body["title"]) == (502, "FraudGuard is not there")
        assert answer.headers["retry-after"] == "5"
    finally:
        proxy.web.start()
