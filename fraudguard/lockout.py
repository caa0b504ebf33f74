"""What failed sign-ins are counted under, for pages, admin site and tokens alike."""

from ipaddress import ip_address
from typing import Any

from django.http import HttpRequest

from logs.redacting import mask_cards
from users.selectors.addresses import client_address


def login_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The e-mail in lower case: people sign in in any, so another spelling must not begin a new count."""
    given = credentials if credentials is not None else request.POST
    return mask_cards((given.get("username") or "").lower())  # kept, whatever was typed


def login_address(request: HttpRequest) -> str | None:
    """The caller's address as the API sees it; where a proxy sends none, the e-mail counts alone."""
    try:
        return str(ip_address(client_address(request)))
    except ValueError:
        return None
