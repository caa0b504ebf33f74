"""The parts that FraudGuard needs to work, each checked and timed."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import redis
import structlog
from celery import current_app
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import OperationalError as BrokerUnreachable

from fraud_detection.selectors import engine_status
from logs.activity import client

log = structlog.get_logger(__name__)
_migrated = False  # migrations do not come undone under a running process


@dataclass(frozen=True)
class Part:
    """How one part fares: a stable name, whether it works, milliseconds to find out, a plain word."""

    name: str
    ok: bool
    latency_ms: float
    detail: str = ""


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _cache() -> str:
    client().ping()
    return ""


def _broker() -> str:
    with current_app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    return ""


def _model() -> str:
    status = engine_status()
    if status["fault"]:
        raise PartFault(status["fault"])
    return status["stands_in"] or status["model_version"] or "no model in force; rules decide"


def _migrations() -> str:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if pending:
            raise PartFault(f"{len(pending)} migrations are not applied")
        _migrated = True
    return ""


class PartFault(RuntimeError):
    """A part answers, but not as it should; the message may be shown to anybody."""


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "cache": _cache,
    "broker": _broker,
    "model": _model,
    "migrations": _migrations,
}


def check_all() -> list[Part]:
    """Every part in a fixed order; a part that fails does not keep the others from being checked."""
    return [_checked(name, check) for name, check in CHECKS.items()]


def _checked(name: str, check: Callable[[], str]) -> Part:
    started = time.perf_counter()
    try:
        ok, detail = True, check()
    except PartFault as fault:
        ok, detail = False, str(fault)
    except (DatabaseError, redis.RedisError, BrokerUnreachable, OSError) as error:
        log.warning("part_failed", part=name, error=str(error))
        ok, detail = False, "does not answer"  # addresses and users stay in the log
    return Part(name, ok, round((time.perf_counter() - started) * 1000, 2), detail)
