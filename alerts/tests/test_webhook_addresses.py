"""Where webhooks may go: neither to private addresses, nor along redirects, nor beyond their time."""

import pytest

from alerts.models import (
    DeliveryAttempt,
    WebhookEndpoint,
)
from alerts.services.webhooks import (
    EndpointRefused,
    deliver_webhooks,
    new_endpoint,
)
from alerts.tests.receivers import receiving
from alerts.tests.webhook_messages import tell

pytestmark = pytest.mark.django_db


def test_redirects_are_not_followed(receiver, endpoint):
    with receiving() as elsewhere:
        receiver.answer = lambda received: (302, {"Location": elsewhere.url}, b"")
        endpoint()
        tell(1)
        assert deliver_webhooks() == 0
        assert elsewhere.received == []
    assert DeliveryAttempt.objects.get().error == "answered 302: redirects are not followed"


def test_time_that_is_over_while_tls_shakes_hands_ends_the_try(receiver, monkeypatch):
    from alerts.services.delivering import http

    host, port = receiver.url.removeprefix("http://").split(":")
    link = http._Guarded(host, int(port), tls=True, timeout=5)

    class Slow:
        def wrap_socket(self, sock, server_hostname):
            http._cut(link)
            return sock

    monkeypatch.setattr(http, "_tls", Slow)
    with pytest.raises(TimeoutError):
        link.connect()
    link.close()


def test_an_answer_drop_by_drop_does_not_hold_a_thread(receiver, endpoint, settings):
    settings.WEBHOOK_TIMEOUT_SECONDS = 1
    receiver.answer = lambda received: (200, {"Content-Length": "100000000"}, b"x")
    endpoint()
    tell(1)
    deliver_webhooks()
    assert DeliveryAttempt.objects.get().latency_ms < 3_000


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),
        *("[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[::ffff:a00:1]", "[64:ff9b::7f00:1]"),
        *("2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[2002:7f00:1::]", "[::127.0.0.1]"),
        *("224.0.0.1", "240.0.0.1", "[::]", "255.255.255.255", "168.63.129.16", "192.0.0.8", "192.88.99.1"),
        *("[fec0::1]", "[64:ff9b:1::7f00:1]", "[::ffff:0:7f00:1]", "[3fff::1]", "[5f00::1]", "[ff02::1]"),
    ],
)
def test_private_addresses_in_every_spelling_are_refused(admin, host, settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    with pytest.raises(EndpointRefused, match="private or reserved"):
        new_endpoint(url=f"https://{host}/x", events=["alert.created"], acting_user=admin)
    assert not WebhookEndpoint.objects.exists()


def test_a_name_that_means_a_private_address_is_refused_when_connecting(receiver, endpoint, settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    port = receiver.url.rpartition(":")[2]
    endpoint(url=f"http://localhost:{port}/hook")
    tell(1)
    assert deliver_webhooks() == 0
    assert receiver.received == []
    assert "private or reserved" in DeliveryAttempt.objects.get().error


def test_a_name_is_resolved_once(receiver, monkeypatch):
    """The address that was checked is the one connected to; a second answer is never asked for."""
    import socket

    from alerts.services.delivering.http import post

    port = int(receiver.url.rpartition(":")[2])
    asked = []

    def answers(host, *args, **kwargs):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    sent = post(f"http://rebinding.example:{port}/x", b"{}", {}, timeout=5)
    assert (sent.status, asked) == (204, ["rebinding.example"])
    assert receiver.received[0].headers["host"] == f"rebinding.example:{port}"
