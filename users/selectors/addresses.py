"""Where a request comes from."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The caller's address; behind a proxy that we trust, the one that this proxy saw."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    # The setting says that a proxy of ours stands in front; only its own, last entry cannot be forged.
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()
    return request.META.get("REMOTE_ADDR", "")
