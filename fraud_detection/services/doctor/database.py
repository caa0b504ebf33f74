"""PostgreSQL: version, schema, indexes, settings, clock."""

import time
from collections.abc import Iterator

from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from fraud_detection.services.doctor.finding import Finding, fault, ok, warning

OLDEST = 140_000  # PostgreSQL 14
LOCKS = 256
SKEW_WARNING, SKEW_FAULT = 2.0, 60.0  # seconds


def answers() -> Finding:
    number, shown = int(_setting("server_version_num")), _setting("server_version")
    if number < OLDEST:
        return fault("database", f"PostgreSQL {shown}", "PostgreSQL 14 or newer is needed.")
    return ok("database", f"PostgreSQL {shown}")


def migrations() -> Finding:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        names = ", ".join(f"{each.app_label}.{each.name}" for each, _ in pending[:5])
        return fault("migrations", f"{len(pending)} are not applied: {names}", "Run manage.py migrate.")
    return ok("migrations", "all applied")


def indexes() -> Finding:
    """Indexes that models declare and the database lacks, or has half-built."""
    rows = _rows("select c.relname, i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid")
    valid = dict(rows)
    broken = sorted(name for name, sound in valid.items() if not sound)
    if broken:
        remedy = f"Run: reindex index concurrently {broken[0]}; and so on, while FraudGuard works."
        return fault("indexes", f"half-built: {', '.join(broken)}", remedy)
    missing = sorted(set(_declared()) - valid.keys())
    if missing:
        few = ", ".join(missing[:5])
        return fault("indexes", f"{len(missing)} are missing: {few}", "Run manage.py migrate.")
    return ok("indexes", f"{len(valid)} valid, none missing")


def locks() -> Finding:
    allowed = int(_setting("max_locks_per_transaction"))
    if allowed < LOCKS:
        found = f"max_locks_per_transaction is {allowed}"
        remedy = f"Set it to {LOCKS} in postgresql.conf and restart: a bulk holds up to 4,000 locks."
        return warning("locks", found, remedy)
    return ok("locks", f"max_locks_per_transaction is {allowed}")


def connections() -> Finding:
    used, most = _rows("select count(*), current_setting('max_connections')::int from pg_stat_activity")[0]
    found = f"{used} of {most} connections in use"
    if used > 0.8 * most:
        return fault("connections", found, "Raise max_connections, or run fewer processes.")
    return ok("connections", found)


def clock() -> Finding:
    before = time.time()
    ((there,),) = _rows("select extract(epoch from clock_timestamp())::float8")
    skew = there - (before + time.time()) / 2
    found = f"the database's differs by {skew:+.3f} s"
    if abs(skew) >= SKEW_WARNING:
        remedy = "Let both machines keep time by NTP: windows and due times follow the database's clock."
        return (fault if abs(skew) >= SKEW_FAULT else warning)("clock", found, remedy)
    return ok("clock", found)


def audit_trail() -> Finding:
    rows = _rows(
        "select tgname from pg_trigger where tgrelid = 'logs_auditevent'::regclass"
        " and not tgisinternal and tgenabled <> 'D'"
    )
    if not rows:
        remedy = "Find out who dropped or disabled it; restore from a backup if rows were changed."
        return fault("audit trail", "the trigger that keeps it append-only is gone", remedy)
    return ok("audit trail", "append-only by trigger")


def _declared() -> Iterator[str]:
    for model in apps.get_models():
        if model._meta.managed:
            yield from (index.name for index in model._meta.indexes)


def _setting(name: str) -> str:
    return _rows("select current_setting(%s)", name)[0][0]


def _rows(statement: str, *values: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


CHECKS = (answers, migrations, indexes, locks, connections, clock, audit_trail)
