"""Content-Security-Policy: strict for our pages, looser only where a vendored page needs inline code."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

STRICT = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
INLINE = {"script-src": "'self' 'unsafe-inline' 'unsafe-eval'", "style-src": "'self' 'unsafe-inline'"}
# unfold's Alpine.js evaluates expressions; Swagger UI and ReDoc write inline styles and start inline.
LOOSER_BELOW = ("/admin/", "/api/v1/docs", "/api/docs")


class ContentSecurityPolicy:
    """Middleware; a header that a view has set itself stays."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Content-Security-Policy" not in response:
            response["Content-Security-Policy"] = policy(request.path, request.get_host)
        return response


def policy(path: str, host: Callable[[], str]) -> str:
    """The live socket has its own port unless a proxy joins the two."""
    parts = dict(STRICT)
    if path.startswith(LOOSER_BELOW):
        parts |= INLINE
    elif not settings.LIVE_SAME_ORIGIN:
        name = host().rsplit(":", 1)[0]
        parts["connect-src"] = f"'self' ws://{name}:{settings.LIVE_PORT} wss://{name}:{settings.LIVE_PORT}"
    return "; ".join(f"{name} {value}" for name, value in parts.items())
