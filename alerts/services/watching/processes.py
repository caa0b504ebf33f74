"""Components: the store, the broker, the live process, and whether anybody watched at all.

The database cannot be watched from here: without it nothing is written. It and the broker are asked by
/ready; that the broker was away is told afterwards, by the gap between two looks.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import redis
from celery import current_app
from django.db import connection
from kombu.exceptions import OperationalError

from alerts.models import Heartbeat
from alerts.services.watching.finding import Finding
from logs.activity import client

SILENT = timedelta(minutes=3)
FORGOTTEN = timedelta(days=1)  # a process that is not run any more
WATCHER = "watcher"
BEAT = """
    insert into alerts_heartbeat (name, at) values (%s, clock_timestamp())
    on conflict (name) do update set at = excluded.at
"""


def beat(name: str) -> None:
    """Say that a process lives."""
    with connection.cursor() as cursor:
        cursor.execute(BEAT, (name,))


def components(now: datetime) -> Iterator[Finding]:
    """Store, broker, and the processes that said they live."""
    yield Finding("component.store", _store(), "The Redis store answers again", "critical", "store")
    yield Finding("component.broker", _broker(), "The broker answers again", "critical", "broker")
    live = Heartbeat.objects.filter(name="live").values_list("at", flat=True).first()
    silent = live is not None and SILENT < now - live < FORGOTTEN
    wrong = f"The live process has not been heard of since {live:%Y-%m-%d %H:%M} UTC" if silent else ""
    yield Finding("component.live", wrong, "The live process is heard of again", "high", "live")


def unwatched(now: datetime) -> Iterator[Finding]:
    """The gap since the last look, once."""
    last = Heartbeat.objects.filter(name=WATCHER).values_list("at", flat=True).first()
    gap = last is not None and SILENT < now - last < FORGOTTEN
    wrong = ""
    if gap:
        minutes = round((now - last).total_seconds() / 60)
        wrong = (
            f"Nothing was watched or relayed for {minutes:,} minutes up to {now:%Y-%m-%d %H:%M} UTC:"
            " the broker, beat or the worker was away"
        )
    yield Finding("component.worker", wrong, "Background work goes on", "high", "worker")


def _store() -> str:
    try:
        client().ping()
    except redis.RedisError as error:
        return f"The Redis store does not answer ({type(error).__name__}): pages poll, requests are uncounted"
    return ""


def _broker() -> str:
    try:
        with current_app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    except (OperationalError, OSError) as error:
        return f"The broker does not answer ({type(error).__name__}): background work waits"
    return ""
