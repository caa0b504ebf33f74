"""The live process: WebSockets below /ws/ and nothing else, so that HTTP keeps its own faster server."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fraudguard.settings")

from django.core.asgi import get_asgi_application

get_asgi_application()  # loads the apps before anything imports a model

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from dashboard.routing import websocket_urlpatterns  # noqa: E402


async def alive(scope, receive, send) -> None:
    """HTTP here is only asked whether the process lives."""
    status = 200 if scope["path"].rstrip("/") == "/health" else 404
    await send(
        {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]}
    )
    await send({"type": "http.response.body", "body": b"live\n" if status == 200 else b"only /ws/ here\n"})


application = ProtocolTypeRouter(
    {
        "http": alive,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
