"""A page's end of the socket, without a server (channels.testing would need daphne)."""

import json
from typing import Any

from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter

from dashboard.routing import websocket_urlpatterns


class Socket:
    """Connects to an address as a user; messages come as dicts."""

    def __init__(self, address: str, user: Any = None):
        path, _, query = address.partition("?")
        scope = {
            "type": "websocket", "path": path, "query_string": query.encode(), "headers": [],
            "subprotocols": [], "user": user,
        }  # fmt: skip
        self._application = ApplicationCommunicator(URLRouter(websocket_urlpatterns), scope)

    async def connect(self) -> bool:
        """Whether the server accepted."""
        await self._application.send_input({"type": "websocket.connect"})
        return (await self._application.receive_output(5))["type"] == "websocket.accept"

    async def receive(self) -> dict[str, Any]:
        """The next message; fails after five seconds of silence."""
        return json.loads((await self._application.receive_output(5))["text"])

    async def disconnect(self) -> None:
        await self._application.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._application.wait(5)
