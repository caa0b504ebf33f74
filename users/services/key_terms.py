"""On what terms a key is given: whose, what for, from where, how often, until when."""

import ipaddress
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from users.models import ApiKey
from users.roles import Scope

MOST_NETWORKS = 100
LONGEST_LIFE = timedelta(days=36_525)
SHOWN = 60  # characters of a wrong value that are repeated


class KeyRefused(ValueError):
    """A key that cannot be made as asked; the message names the field."""

    @property
    def field(self) -> str:
        return str(self).partition(":")[0]

    @property
    def message(self) -> str:
        return str(self).partition(": ")[2]


def checked_terms(
    *,
    name: str,
    scopes: Sequence[str],
    rate_limit: int | None,
    expires_at: datetime | None,
    allowed_networks: Sequence[str],
) -> dict[str, Any]:
    """The terms as they are stored; raises KeyRefused."""
    name = name.strip()
    if not name or len(name) > 64 or not name.isprintable():
        raise KeyRefused("name: 1 to 64 printable characters")
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown or not scopes:
        given = ", ".join(unknown)[:SHOWN] or "none given"
        raise KeyRefused(f"scopes: {given}; known are {', '.join(Scope.values)}")
    if rate_limit is not None and not 1 <= rate_limit <= 1_000_000_000:
        raise KeyRefused("rate_limit: 1 to 1,000,000,000 requests a minute")
    if expires_at is not None:
        check_expiry(expires_at)
    return {
        "name": name,
        "scopes": sorted(set(scopes)),
        "rate_limit": rate_limit,
        "expires_at": expires_at,
        "allowed_networks": networks(allowed_networks),
    }


def networks(given: Iterable[str]) -> list[str]:
    """Addresses and networks in their usual spelling, each once, in the order given."""
    found: dict[str, None] = {}
    for text in given:
        try:
            found[str(ipaddress.ip_network(text.strip()))] = None
        except ValueError:
            shown = text[:SHOWN].encode("utf-8", "replace").decode()
            raise KeyRefused(f"allowed_networks: '{shown}' is not a network like 10.0.0.0/8") from None
    if len(found) > MOST_NETWORKS:
        raise KeyRefused(f"allowed_networks: {len(found)} are too many; at most {MOST_NETWORKS}")
    return list(found)


def check_expiry(expires_at: datetime) -> None:
    """It lies ahead, and not so far that the next rotation could not be written down."""
    now = timezone.now()
    if expires_at <= now:
        raise KeyRefused("expires_at: lies in the past")
    if expires_at > now + LONGEST_LIFE:
        raise KeyRefused("expires_at: at most 100 years ahead; leave it empty for a key without end")


def expiry_after(old: ApiKey, now: datetime) -> datetime | None:
    """When the successor of a key expires: it is given as long a life."""
    return None if old.expires_at is None else now + (old.expires_at - old.created_at)
