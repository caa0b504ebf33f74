"""The live process: WebSockets below /ws/ and nothing else, so that HTTP keeps its own faster server."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fraudguard.settings")

from django.core.asgi import get_asgi_application

get_asgi_application()  # loads the apps before anything imports a model

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.db import database_sync_to_async  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from dashboard.live.heartbeat import live_heartbeat  # noqa: E402
from dashboard.routing import websocket_urlpatterns  # noqa: E402
from logs.services.processes import process_started  # noqa: E402


async def alive(scope, receive, send) -> None:
    """HTTP here is only asked whether the process lives."""
    status = 200 if scope["path"].rstrip("/") == "/health" else 404
    await send(
        {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]}
    )
    await send({"type": "http.response.body", "body": b"live\n" if status == 200 else b"only /ws/ here\n"})


async def lifespan(scope, receive, send) -> None:
    """Says that the process lives for as long as the server runs it."""
    while True:
        event = (await receive())["type"]
        if event == "lifespan.startup":
            live_heartbeat()
            await database_sync_to_async(process_started)("live")
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


application = ProtocolTypeRouter(
    {
        "http": alive,
        "lifespan": lifespan,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
