"""Request limits, counted in the Redis store in fixed windows; without the store requests pass."""

import math
import time
from dataclasses import dataclass

import redis
import structlog
from django.conf import settings
from django.views import View
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from api.authentication import KeyPrincipal, client_address
from logs.activity import client

log = structlog.get_logger(__name__)
KEY_WINDOW = 60  # a key's own limit is per minute
PAUSE_SECONDS = 5.0  # a store that is away is not asked again for each request
_away_until = 0.0


@dataclass(frozen=True)
class Standing:
    """Where a caller stands in its window: requests allowed, left, seconds to the next window."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


class CallerThrottle(BaseThrottle):
    """RATE_LIMIT_REQUESTS per RATE_LIMIT_WINDOW for people and strangers, a key's own limit for keys."""

    def allow_request(self, request: Request, view: View) -> bool:
        caller, limit, window = _allowance(request)
        if limit is None:
            return True
        now = time.time()
        used = _count(f"{caller}:{window}:{int(now // window)}", window)
        if used is None:
            return True
        reset = max(1, math.ceil(window - now % window))
        self.seconds = reset
        request._request.rate_standing = Standing(limit, max(0, limit - used), reset)
        return used <= limit

    def wait(self) -> float:
        return self.seconds


def _allowance(request: Request) -> tuple[str, int | None, int]:
    """Name to count under, requests allowed (None: no limit), window in seconds."""
    user = request.user
    if isinstance(user, KeyPrincipal):
        return f"key:{user.key.prefix}", user.key.rate_limit, KEY_WINDOW
    name = f"user:{user.pk}" if user.is_authenticated else f"address:{client_address(request)}"
    return name, settings.RATE_LIMIT_REQUESTS, settings.RATE_LIMIT_WINDOW


def _count(name: str, window: int) -> int | None:
    """Requests of this name in the window, this one included; None while the store is away."""
    global _away_until
    if time.monotonic() < _away_until:
        return None
    key = f"{settings.CACHES['default'].get('KEY_PREFIX', '')}:rate:{name}"
    try:
        pipe = client().pipeline(transaction=False)
        pipe.incr(key)
        pipe.expire(key, window + 1)
        return pipe.execute()[0]
    except redis.RedisError as error:
        _away_until = time.monotonic() + PAUSE_SECONDS
        log.warning("requests_not_counted", error=str(error))
        return None
