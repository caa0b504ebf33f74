"""Finding the key behind an X-API-Key header."""

import hashlib
import hmac
import ipaddress
import re
import time

from django.utils import timezone

from users.models import ApiKey

CACHE_SECONDS = 2.0
WRITTEN = re.compile(r"fgt?_(?P<prefix>[0-9A-Za-z]{1,16})_[0-9A-Za-z]{1,128}")
_cache: dict[str, tuple[float, ApiKey | None]] = {}


def digest_of(raw: str) -> str:
    """A key carries 256 random bits, so one round of SHA-256 is enough."""
    return hashlib.sha256(raw.encode()).hexdigest()


def api_key_for(raw: str, *, address: str | None = None) -> ApiKey | None:
    """The live key with this secret, or None; a revocation is seen within CACHE_SECONDS."""
    found = WRITTEN.fullmatch(raw)
    if found is None:
        return None
    key = _by_prefix(found["prefix"])
    if key is None or not hmac.compare_digest(key.digest, digest_of(raw)):
        return None
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= timezone.now()):
        return None
    return key if _address_allowed(key, address) else None


def _by_prefix(prefix: str) -> ApiKey | None:
    now = time.monotonic()
    known = _cache.get(prefix)
    if known and now - known[0] < CACHE_SECONDS:
        return known[1]
    key = ApiKey.objects.select_related("client").filter(prefix=prefix).first()
    if len(_cache) > 10_000:  # a flood of made-up prefixes must not grow the process
        _cache.clear()
    _cache[prefix] = (now, key)
    return key


def forget_cached_keys() -> None:
    """Make this process see a change of keys at once."""
    _cache.clear()


def _address_allowed(key: ApiKey, address: str | None) -> bool:
    if not key.allowed_networks:
        return True
    try:
        source = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    source = getattr(source, "ipv4_mapped", None) or source
    return any(source in ipaddress.ip_network(network) for network in key.allowed_networks)
