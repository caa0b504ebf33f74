"""When a key was last used: written at most once a minute for a key and process."""

import time

from django.db import connection

from users.models import ApiKey

EVERY_SECONDS = 60.0
# Never waits: a row that somebody holds (revoking it, or another process writing the same) is left alone.
NOTE = """
    update users_apikey set last_used_at = now() where id = (
        select id from users_apikey where id = %s
           and (last_used_at is null or last_used_at < now() - interval '50 seconds')
           for no key update skip locked)
"""
_noted: dict[int, float] = {}


def note_use(key: ApiKey) -> None:
    """Called where a key is let in, outside of the transaction of what it came for."""
    if key.pk is None:  # of the settings
        return
    now = time.monotonic()
    if now - _noted.get(key.pk, -EVERY_SECONDS) < EVERY_SECONDS:
        return
    _noted[key.pk] = now
    with connection.cursor() as cursor:
        cursor.execute(NOTE, (key.pk,))


def forget_noted() -> None:
    """As after a start: the next use of every key is written."""
    _noted.clear()
