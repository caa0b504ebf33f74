"""Making, rotating and revoking API keys."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from logs.services import record
from users.models import ApiKey, ClientSystem
from users.selectors import digest_of, forget_cached_keys
from users.services.key_terms import KeyRefused, check_expiry, checked_terms, expiry_after

__all__ = ["KeyConflict", "KeyRefused", "client_system", "create_api_key", "revoke_api_key", "rotate_api_key"]
GRACE = timedelta(hours=24)
LONGEST_GRACE = timedelta(days=90)


class KeyConflict(RuntimeError):
    """The key is not what the caller saw: it has ended or was replaced meanwhile."""


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
    request_id: str = "",
) -> tuple[ApiKey, str]:
    """A new key of the client system `name`, and its secret, which is never seen again."""
    terms = checked_terms(
        name=name,
        scopes=scopes,
        rate_limit=rate_limit,
        expires_at=expires_at,
        allowed_networks=allowed_networks,
    )
    client, _ = ClientSystem.objects.get_or_create(name=terms.pop("name"))
    key, raw = _store(client=client, is_test=is_test, **terms)
    _record("api_key.created", key, created_by, request_id, after=_told(key))
    return key, raw


@transaction.atomic
def rotate_api_key(
    *,
    prefix: str,
    rotated_by: str,
    grace: timedelta = GRACE,
    expires_at: datetime | None = None,
    request_id: str = "",
) -> tuple[ApiKey, str]:
    """A key of the same client system and terms; the old one works on for `grace`, then has expired.

    Without `expires_at` the new one lives as long as the old one was given. Raises ApiKey.DoesNotExist,
    KeyRefused, and KeyConflict when it has ended or was replaced already.
    """
    if not timedelta(0) <= grace <= LONGEST_GRACE:
        raise KeyRefused(f"grace_hours: 0 to {LONGEST_GRACE // timedelta(hours=1):,}")
    now = timezone.now()
    old = ApiKey.objects.select_for_update(of=("self",)).select_related("client").get(prefix=prefix)
    if old.state != "live":
        raise KeyConflict(f"The key {prefix} was {old.state} already; make a new one instead.")
    if expires_at is None:
        expires_at = expiry_after(old, now)
    else:
        check_expiry(expires_at)
    new, raw = _store(
        client=old.client, scopes=old.scopes, rate_limit=old.rate_limit, is_test=old.is_test,
        allowed_networks=old.allowed_networks, expires_at=expires_at,
    )  # fmt: skip
    before = _told(old)
    old.replaced_by, old.expires_at = new, min(now + grace, old.expires_at or now + grace)
    old.save(update_fields=("replaced_by", "expires_at"))
    after = _told(old) | {"replaced_by": new.prefix}
    _record("api_key.rotated", old, rotated_by, request_id, before=before, after=after)
    _record("api_key.created", new, rotated_by, request_id, after=_told(new) | {"replaces": old.prefix})
    transaction.on_commit(forget_cached_keys)
    return new, raw


@transaction.atomic
def revoke_api_key(*, prefix: str, revoked_by: str, request_id: str = "") -> ApiKey:
    """End a key for good; repeating it changes nothing."""
    key = ApiKey.objects.select_for_update(of=("self",)).select_related("client").get(prefix=prefix)
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=("revoked_at",))
        _record("api_key.revoked", key, revoked_by, request_id)
    transaction.on_commit(forget_cached_keys)
    return key


def client_system(name: str) -> ClientSystem:
    """The client system of this name, made on first use."""
    return ClientSystem.objects.get_or_create(name=name)[0]


def _store(**terms: Any) -> tuple[ApiKey, str]:
    prefix, secret = secrets.token_hex(4), secrets.token_hex(32)
    raw = f"{'fgt' if terms['is_test'] else 'fg'}_{prefix}_{secret}"
    return ApiKey.objects.create(prefix=prefix, digest=digest_of(raw), **terms), raw


def _told(key: ApiKey) -> dict[str, Any]:
    return {
        "client": key.client.name,
        "scopes": key.scopes,
        "test": key.is_test,
        "networks": key.allowed_networks,
        "rate_limit": key.rate_limit,
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
    }


def _record(action: str, key: ApiKey, actor: str, request_id: str, **told: Any) -> None:
    record(
        action,
        actor_kind="user" if "@" in actor else "system",
        actor=actor,
        subject_kind="api_key",
        subject=key.prefix,
        request_id=request_id,
        **told,
    )
