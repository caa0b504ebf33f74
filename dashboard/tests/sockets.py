"""A page's end of the socket, without a server (channels.testing would need daphne)."""

import json
from typing import Any

from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.test import Client

OURS = "http://testserver"


class Socket:
    """Connects to an address as a user who signs in for it; messages come as dicts.

    `origin` is what a browser says of the page that opens the socket.
    """

    def __init__(self, address: str, user: Any = None, origin: str = OURS):
        self.address, self.user, self.origin, self.session_key = address, user, origin, ""

    async def connect(self) -> bool:
        """Whether the server accepted."""
        from fraudguard.asgi import application

        path, _, query = self.address.partition("?")
        scope = {
            "type": "websocket", "path": path, "query_string": query.encode(), "subprotocols": [],
            "headers": await sync_to_async(self._headers)(),
        }  # fmt: skip
        self._application = ApplicationCommunicator(application, scope)
        await self._application.send_input({"type": "websocket.connect"})
        return (await self._application.receive_output(5))["type"] == "websocket.accept"

    async def receive(self) -> dict[str, Any]:
        """The next message; fails after five seconds of silence."""
        return json.loads((await self._application.receive_output(5))["text"])

    async def closed(self) -> int:
        """Read on until the server closes; the code it gives."""
        while True:
            event = await self._application.receive_output(5)
            if event["type"] == "websocket.close":
                return event["code"]

    async def disconnect(self) -> None:
        await self._application.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._application.wait(5)

    def _headers(self) -> list[tuple[bytes, bytes]]:
        headers = [(b"origin", self.origin.encode())] if self.origin else []
        if self.user is not None:
            browser = Client()
            browser.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")
            self.session_key = browser.cookies[settings.SESSION_COOKIE_NAME].value
            cookie = f"{settings.SESSION_COOKIE_NAME}={self.session_key}"
            headers.append((b"cookie", cookie.encode()))
        return headers
