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
INLINE_STYLES = {"style-src": "'self' 'unsafe-inline'"}
# unfold evaluates the expressions of its templates; Swagger UI writes styles. Inline scripts stand nowhere.
LOOSER_BELOW = {
    "/admin/": INLINE_STYLES | {"script-src": "'self' 'unsafe-eval'"},
    "/api/v1/docs": INLINE_STYLES,
    "/api/docs": INLINE_STYLES,
}


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
    looser = next((LOOSER_BELOW[prefix] for prefix in LOOSER_BELOW if path.startswith(prefix)), None)
    if looser is not None:
        parts |= looser
    elif not settings.LIVE_SAME_ORIGIN:
        name = host().rsplit(":", 1)[0]
        parts["connect-src"] = f"'self' ws://{name}:{settings.LIVE_PORT} wss://{name}:{settings.LIVE_PORT}"
    return "; ".join(f"{name} {value}" for name, value in parts.items())
