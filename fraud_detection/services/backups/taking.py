"""Taking a backup while FraudGuard works: one snapshot of the database, then the files it names."""

import os
import shutil
import tarfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from fraud_detection.services.backups.manifest import DUMP, Manifest, described, directories
from fraud_detection.services.backups.programs import ProgramFailed, run
from logs.services import record
from logs.services.system_events import note

Say = Callable[[str], None]


class BackupFailed(RuntimeError):
    """Nothing was left behind; the message says why."""


def take_backup(into: Path, *, now: datetime, actor: str, say: Say = lambda text: None) -> Path:
    """A directory of its own below `into`; raises BackupFailed. It is whole once it has its final name."""
    final = into / f"fraudguard-{now:%Y%m%dT%H%M%SZ}"
    part = final.with_name(final.name + ".part")
    if final.exists():
        raise BackupFailed(f"{final} exists already")
    try:
        part.mkdir(parents=True, mode=0o700)
        manifest = _dumped(part, now, say)
        _archived(part, manifest, say)
        os.replace(part, final)
    except (OSError, ProgramFailed) as error:
        shutil.rmtree(part, ignore_errors=True)
        raise BackupFailed(str(error)) from error
    record(
        "backup.taken", actor_kind="system", actor=actor, subject_kind="backup", subject=final.name,
        after={"rows": sum(manifest.counts.values()), "migrations": dict(manifest.migrations)},
    )  # fmt: skip
    note("backup.taken", component="database", text=f"Backup {final.name} was taken")
    return final


def _dumped(part: Path, now: datetime, say: Say) -> Manifest:
    """The database as one snapshot saw it: its dump, and the counts to hold a restore against."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        cursor.execute("select pg_export_snapshot(), current_setting('server_version')")
        snapshot, server = cursor.fetchone()
        say("Writing the database ...")
        run("pg_dump", "-Fc", "-Z1", "--no-owner", f"--snapshot={snapshot}", "-f", str(part / DUMP))
        say("Counting its rows ...")
        counts = {
            table: _count(cursor, table) for table in sorted(connection.introspection.table_names(cursor))
        }
        migrations = _last_migrations()
    return Manifest(now.isoformat(), server, connection.settings_dict["NAME"], migrations, counts, files={})


def _count(cursor, table: str) -> int:
    cursor.execute(f"select count(*) from {connection.ops.quote_name(table)}")  # a quoted name  # nosec B608
    return cursor.fetchone()[0]


def _last_migrations() -> dict[str, str]:
    applied = MigrationRecorder(connection).applied_migrations()
    return dict(sorted(applied))


def _archived(part: Path, manifest: Manifest, say: Say) -> None:
    """The files beside the database, written after its snapshot: what it names is there by now."""
    for name, directory in directories().items():
        if directory.is_dir():
            say(f"Packing {directory} ...")
            with tarfile.open(part / name, "w") as archive:
                archive.add(directory, arcname=".")
    files = {path.name: described(path) for path in sorted(part.iterdir())}
    Manifest(**(vars(manifest) | {"files": files})).write(part)
