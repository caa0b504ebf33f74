"""Making and revoking API keys."""

import ipaddress
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from logs.services import record
from users.models import ApiKey, ClientSystem
from users.roles import Scope
from users.selectors import digest_of, forget_cached_keys


class KeyRefused(ValueError):
    """A key that cannot be made as asked; the message names the field."""


@transaction.atomic
def create_api_key(
    *,
    name: str,
    scopes: Sequence[str],
    created_by: str,
    rate_limit: int | None = None,
    expires_at: datetime | None = None,
    allowed_networks: Sequence[str] = (),
    is_test: bool = False,
) -> tuple[ApiKey, str]:
    """A new key of the client system `name`, and its secret, which is never seen again."""
    if not name.strip() or len(name) > 64 or not name.isprintable():
        raise KeyRefused("name: 1 to 64 printable characters")
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown or not scopes:
        raise KeyRefused(f"scopes: {', '.join(unknown) or 'none given'}; known are {', '.join(Scope.values)}")
    if rate_limit is not None and not 1 <= rate_limit <= 1_000_000_000:
        raise KeyRefused("rate_limit: 1 to 1,000,000,000 requests a minute")
    if expires_at is not None and expires_at <= timezone.now():
        raise KeyRefused("expires_at: lies in the past")
    for network in allowed_networks:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise KeyRefused(f"allowed_networks: '{network}' is not a network like 10.0.0.0/8") from None
    prefix, secret = secrets.token_hex(4), secrets.token_hex(32)
    raw = f"{'fgt' if is_test else 'fg'}_{prefix}_{secret}"
    client, _ = ClientSystem.objects.get_or_create(name=name.strip())
    key = ApiKey.objects.create(
        client=client,
        prefix=prefix,
        digest=digest_of(raw),
        scopes=sorted(set(scopes)),
        rate_limit=rate_limit,
        expires_at=expires_at,
        allowed_networks=list(allowed_networks),
        is_test=is_test,
    )
    record(
        "api_key.created",
        actor_kind="user" if "@" in created_by else "system",
        actor=created_by,
        subject_kind="api_key",
        subject=prefix,
        after={"client": client.name, "scopes": key.scopes, "test": is_test},
    )
    return key, raw


@transaction.atomic
def revoke_api_key(*, prefix: str, revoked_by: str) -> ApiKey:
    """End a key for good; repeating it changes nothing."""
    key = ApiKey.objects.select_for_update().get(prefix=prefix)
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=("revoked_at",))
        record("api_key.revoked", actor_kind="user", actor=revoked_by, subject_kind="api_key", subject=prefix)
    transaction.on_commit(forget_cached_keys)
    return key


def client_system(name: str) -> ClientSystem:
    """The client system of this name, made on first use."""
    return ClientSystem.objects.get_or_create(name=name)[0]
