"""PostgreSQL and the Redis store (cache, recent activity). Without URLs: the embedded services below var/."""

from urllib.parse import urlsplit

import dj_database_url

from fraudguard.embedded import addresses
from fraudguard.environment import PRODUCTION, number, refuse, text

DATABASE_URL = text("DATABASE_URL") or ("" if PRODUCTION else addresses.database_url())
if not DATABASE_URL:
    refuse("DATABASE_URL", "it is not set", "Give postgresql://user:password@host:5432/name")
elif urlsplit(DATABASE_URL).scheme not in ("postgres", "postgresql"):
    refuse(
        "DATABASE_URL",
        f"{urlsplit(DATABASE_URL).scheme or 'this'!r} is not PostgreSQL, and FraudGuard relies on"
        " advisory locks, COPY, triggers and partial indexes that only PostgreSQL has",
        "Give postgresql://user:password@host:5432/name, or leave it empty for the embedded server",
    )
    DATABASE_URL = ""


# A host that is cut off closes nothing: told by silence, at both ends, before its locks hold up the others.
# Over TCP only; a socket ignores these. Seconds until the first probe, between probes, and how many.
SILENCE = {"idle": 5, "interval": 3, "count": 3}
SILENCE_MS = 15_000  # and for what was sent and is not acknowledged


def _database(url: str) -> dict:
    parsed = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    options = parsed.setdefault("OPTIONS", {})
    parsed["HOST"] = options.pop("host", parsed["HOST"])  # ?host= carries a socket directory
    # Planning the feature statement costs five times its execution: keep one generic plan a connection.
    # An account that somebody holds must not hold the server: waiting ends in a 503 and a retry.
    patience = number("LOCK_TIMEOUT_MS", 5_000, 100, 600_000)
    silence = "".join(f" -c tcp_keepalives_{name}={value}" for name, value in SILENCE.items())
    options["options"] = (
        f"-c plan_cache_mode=force_generic_plan -c jit=off -c lock_timeout={patience}"
        f"{silence} -c tcp_user_timeout={SILENCE_MS}"
    )
    for name, value in SILENCE.items():
        options.setdefault(f"keepalives_{name}", value)
    options.setdefault("tcp_user_timeout", SILENCE_MS)
    options["connect_timeout"] = number("DATABASE_CONNECT_TIMEOUT", 5, 1, 60)
    return parsed


# pg_dump and pg_restore for backups; empty: the embedded server's own, or those of the PATH.
POSTGRES_PROGRAMS = text("POSTGRES_PROGRAMS") or str(addresses.postgres_programs() or "")
DATABASES = {"default": _database(DATABASE_URL or "postgresql://unset@localhost/unset")}
ATOMIC_REQUESTS = False


def _redis() -> str:
    host = text("REDIS_HOST")
    given = f"redis://{host}:{number('REDIS_PORT', 6379, 1, 65535)}/0" if host else ""
    return text("REDIS_URL") or given or ("" if PRODUCTION else addresses.redis_url())


REDIS_URL = _redis()
if not REDIS_URL:
    refuse("REDIS_URL", "it is not set", "Give redis://host:6379/0, or REDIS_HOST and REDIS_PORT")
elif urlsplit(REDIS_URL).scheme not in ("redis", "rediss", "unix"):
    refuse("REDIS_URL", f"{urlsplit(REDIS_URL).scheme!r} is not redis", "Give redis://, rediss:// or unix://")
    REDIS_URL = ""

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "fraudguard",
        "TIMEOUT": 300,
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
}
# Not cached: loading a cached session writes to the store, and every page would fail while that is away.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
