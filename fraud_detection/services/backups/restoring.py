"""Bringing a backup back: into a database beside the present one, and in its place once it is whole."""

import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import psycopg2
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg2 import sql

from fraud_detection.services.backups.manifest import DUMP, BackupDamaged, Manifest, directories
from fraud_detection.services.backups.programs import ProgramFailed, run
from logs.services import record
from logs.services.system_events import note

Say = Callable[[str], None]


class RestoreRefused(RuntimeError):
    """Nothing was changed; the message says why and what to do."""


def restore_backup(
    directory: Path, *, now: datetime, force: bool = False, say: Say = lambda text: None
) -> str:
    """Put a backup in the place of the present database and files; the name the old database has now.

    The old database and directories are kept under names with the time. Raises RestoreRefused, or
    BackupDamaged; nothing is changed then.
    """
    manifest = Manifest.read(directory)
    say("Checking the backup ...")
    manifest.check(directory)
    _refuse_newer(manifest)
    name = connection.settings_dict["NAME"]
    if not force and _holds_events():
        raise RestoreRefused(f"the database {name} holds events; --force puts the backup in its place")
    connection.close()
    fresh, kept = f"{name}_restoring", f"{name}_before_{now:%Y%m%d%H%M%S}"
    with _maintenance() as cursor:
        _refuse_users(cursor, name)
        _fill(cursor, fresh, directory, manifest, say)
        _swap(cursor, name, fresh, kept)
    for archive, place in directories().items():
        _unpack(directory / archive, place, now)
    return kept


def _refuse_newer(manifest: Manifest) -> None:
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    newer = [f"{app}.{name}" for app, name in manifest.migrations.items() if (app, name) not in known]
    if newer:
        raise RestoreRefused(
            f"the backup was made by a newer release, which has {', '.join(newer)}; restore it with that one"
        )


def _holds_events() -> bool:
    with connection.cursor() as cursor:
        if "fraud_detection_assessment" not in connection.introspection.table_names(cursor):
            return False
        cursor.execute("select exists (select 1 from fraud_detection_assessment)")
        return cursor.fetchone()[0]


@contextmanager
def _maintenance() -> Iterator[psycopg2.extensions.cursor]:
    """A cursor of the server's maintenance database: no database can be renamed from inside."""
    given = connection.get_connection_params() | {"dbname": "postgres"}
    parameters = {name: value for name, value in given.items() if name not in ("cursor_factory", "context")}
    with closing(psycopg2.connect(**parameters)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            yield cursor


def _refuse_users(cursor, name: str) -> None:
    cursor.execute("select count(*) from pg_stat_activity where datname = %s", (name,))
    users = cursor.fetchone()[0]
    if users:
        raise RestoreRefused(
            f"{users} connections use the database {name}: stop FraudGuard (make stop), then restore"
        )


def _fill(cursor, fresh: str, directory: Path, manifest: Manifest, say: Say) -> None:
    _execute(cursor, "drop database if exists {} with (force)", fresh)
    _execute(cursor, "create database {} template template0", fresh)
    try:
        say("Reading the database ...")
        dump = str(directory / DUMP)
        run("pg_restore", "--exit-on-error", "--no-owner", "-j2", "-d", fresh, dump, database=fresh)
        say("Counting its rows ...")
        _check_counts(fresh, manifest)
    except (ProgramFailed, BackupDamaged) as error:
        _execute(cursor, "drop database if exists {} with (force)", fresh)
        raise RestoreRefused(str(error)) from error


def _check_counts(fresh: str, manifest: Manifest) -> None:
    given = connection.get_connection_params() | {"dbname": fresh}
    parameters = {name: value for name, value in given.items() if name not in ("cursor_factory", "context")}
    with closing(psycopg2.connect(**parameters)) as database, database.cursor() as cursor:
        for table, wanted in manifest.counts.items():
            cursor.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table)))
            found = cursor.fetchone()[0]
            if found != wanted:
                raise BackupDamaged(f"{table} has {found} rows of {wanted} after reading the backup")


def _swap(cursor, name: str, fresh: str, kept: str) -> None:
    _execute(cursor, "alter database {} rename to {}", name, kept)
    try:
        _execute(cursor, "alter database {} rename to {}", fresh, name)
    except psycopg2.Error:
        _execute(cursor, "alter database {} rename to {}", kept, name)
        raise


def _execute(cursor, statement: str, *names: str) -> None:
    cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _unpack(archive: Path, place: Path, now: datetime) -> None:
    """The directory as it was backed up; the present one is kept beside it."""
    if not archive.exists():
        return
    fresh = place.with_name(place.name + ".restoring")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    with tarfile.open(archive) as packed:
        packed.extractall(fresh, filter="data")
    if place.exists():
        place.rename(place.with_name(f"{place.name}.before-{now:%Y%m%d%H%M%S}"))
    fresh.rename(place)


def note_restore(directory: Path, *, actor: str, kept: str) -> None:
    """Write it down in the restored trail, once its tables are those of this release."""
    record(
        "backup.restored",
        actor_kind="system",
        actor=actor,
        subject_kind="backup",
        subject=directory.name,
        after={"the database before": kept},
    )
    note("backup.restored", component="database", text=f"Backup {directory.name} was restored")
