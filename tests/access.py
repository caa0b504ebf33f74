"""What the tests of access share: callers of every kind, dead credentials, and what a request wrote."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

BACKEND = "django.contrib.auth.backends.ModelBackend"
FOREIGN = "https://evil.example"
WRITES = """
    select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_user_tables
    where n_tup_ins + n_tup_upd + n_tup_del > 0 and relname <> 'django_session'
"""


def written() -> dict[str, int]:
    """Rows written so far in this transaction by table, also those written back the same or undone.

    Finer than a digest of the rows, and read from memory. Sessions that ended are cleared when they are
    presented, so their table does not count.
    """
    with connection.cursor() as cursor:
        cursor.execute(WRITES)
        return dict(cursor.fetchall())


def digests() -> dict[str, tuple[int, str]]:
    """Number of rows and a digest of them all, for every table but the sessions."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table == "django_session":
                continue
            cursor.execute(
                f'select count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text from "{table}" t'  # nosec B608
            )
            found[table] = cursor.fetchone()
    return found


def bearer(token: Any) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {token}"})


def keyed(raw: str) -> APIClient:
    return APIClient(headers={"X-API-Key": raw})


def session_of(person: Any) -> str:
    """The key of a new session of this person."""
    browser = Client()
    browser.force_login(person, backend=BACKEND)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def browsing(session_key: str, **options: Any) -> Client:
    """A browser that sends this session with every request, whatever it is answered."""
    return Client(HTTP_COOKIE=f"{settings.SESSION_COOKIE_NAME}={session_key}", **options)


def dead_keys(api_key: Any) -> dict[str, APIClient]:
    """Keys that may do everything, and open nothing any more or not from here."""
    from users.models import ApiKey
    from users.selectors import forget_cached_keys
    from users.services import revoke_api_key

    past = timezone.now() - timedelta(seconds=1)
    found = {
        "key from another address": keyed(api_key("admin", allowed_networks=["10.9.0.0/16"])),
        "expired key": keyed(api_key("admin", name="expired")),
        "revoked key": keyed(api_key("admin", name="revoked")),
        "made-up key": keyed(f"fg_00000000_{'0' * 64}"),
        "empty key": keyed(""),
    }
    ApiKey.objects.filter(client__name="expired").update(expires_at=past)
    revoke_api_key(prefix=ApiKey.objects.get(client__name="revoked").prefix, revoked_by="tests")
    forget_cached_keys()
    return found


def dead_tokens(person: Any) -> dict[str, APIClient]:
    """Tokens of admins that ended, each in another way."""
    from users.models import User
    from users.services.people import change_role
    from users.services.sessions import revoke_tokens
    from users.services.tokens import TokenRefused, issue_tokens, refresh_tokens, revoke_token

    admin, demoted, gone, reuser = (person("admin") for _ in range(4))
    expired = AccessToken(issue_tokens(admin).access)
    expired.set_exp(lifetime=-timedelta(seconds=1))
    found = {"expired token": bearer(expired), "refresh token": bearer(issue_tokens(admin).refresh)}
    for name, whose in (("after another role", demoted), ("of somebody deactivated", gone)):
        found[f"token {name}"] = bearer(issue_tokens(whose).access)
    change_role(demoted.pk, "auditor", acting_user=admin)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    revoked = issue_tokens(reuser)
    revoke_token(revoked.refresh)
    reused = issue_tokens(reuser)
    refresh_tokens(reused.refresh)
    try:
        refresh_tokens(reused.refresh)
    except TokenRefused:
        found["token of a reused family"] = bearer(reused.access)
    ended = issue_tokens(reuser)
    revoke_tokens(reuser)
    header, payload, signature = issue_tokens(admin).access.split(".")
    return found | {
        "revoked token": bearer(revoked.access),
        "ended token": bearer(ended.access),
        "token signed by somebody else": bearer(f"{header}.{payload}.{signature[::-1]}"),
        "token without family": bearer(AccessToken.for_user(admin)),
    }


def dead_sessions(person: Any) -> dict[str, Client]:
    """Browsers of admins whose sessions ended, each in another way."""
    from django.contrib.sessions.models import Session

    from users.services.people import deactivate
    from users.services.sessions import end_sessions

    admin, ended, gone, changed = (person("admin") for _ in range(4))
    keys = {
        "ended session": session_of(ended),
        "session of somebody deactivated": session_of(gone),
        "session before another password": session_of(changed),
        "expired session": session_of(admin),
        "made-up session": "a" * 32,
    }
    end_sessions(ended)
    deactivate(gone.pk, acting_user=admin)
    changed.set_password("another horse battery 9")
    changed.save()
    past = timezone.now() - timedelta(seconds=1)
    Session.objects.filter(session_key=keys["expired session"]).update(expire_date=past)
    return {name: browsing(key) for name, key in keys.items()}
