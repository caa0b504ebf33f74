"""The embedded PostgreSQL 18: initialised, started, re-adopted and stopped through its own programs.

Trust authentication is safe here: the only way in is a socket in a directory that nobody else may enter.
"""

import shutil

import psycopg2

from fraudguard.embedded import sizing
from fraudguard.embedded.place import Place
from fraudguard.embedded.process import call, failed, own_process, wait, works_in
from fraudguard.problem import StartProblem

TITLE, LOG = "PostgreSQL", "postgres.log"
VERSION = "18"
NAME = USER = "fraudguard"


def ensure(place: Place, durable: bool = True) -> None:
    """Running and answering, with the database made, when this returns."""
    if not (place.postgres / "PG_VERSION").exists():
        _initialise(place, durable)
    _check_version(place)
    wait(lambda: not runs(place) or _answers(place), 60)
    if not runs(place) or not _answers(place):
        stop(place)  # alive but deaf: its socket was removed under it
        _start(place, durable)
    _make_database(place)


def stop(place: Place) -> None:
    if not runs(place):
        return
    program = place.postgres_program("pg_ctl")
    done = call(place.account, program, "-D", place.postgres, "-w", "-t", "120", "-m", "fast", "stop")
    if done.returncode:
        call(place.account, program, "-D", place.postgres, "-w", "-m", "immediate", "stop")


def runs(place: Place) -> bool:
    return own_process(place.postgres / "postmaster.pid", place.postgres) is not None


def _initialise(place: Place, durable: bool) -> None:
    """Into the empty data directory; a run cut short leaves no PG_VERSION of a whole cluster behind."""
    fresh = place.postgres.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    place.account.own(fresh, 0o700)
    done = call(
        place.account,
        place.postgres_program("initdb"),
        *("-D", fresh, "-U", USER, "-A", "trust", "-E", "UTF8"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        *(() if durable else ("--no-sync",)),
    )
    if done.returncode:
        raise failed("PostgreSQL (initdb)", place.log / LOG, done.stderr)
    (fresh / "pg_hba.conf").write_text("local all all trust\n")
    place.postgres.rmdir()
    fresh.rename(place.postgres)


def _check_version(place: Place) -> None:
    found = (place.postgres / "PG_VERSION").read_text().strip()
    if found != VERSION:
        raise StartProblem(
            f"{place.postgres} holds data of PostgreSQL {found}, the embedded one is {VERSION}."
            " Dump it with the old version and restore it, or move the directory away."
        )


def _start(place: Place, durable: bool) -> None:
    _clear_after_a_crash(place)
    (place.postgres / "postgresql.conf").write_text(_configuration(place, durable))
    log = place.log / LOG
    log.touch()
    place.account.own(log, 0o640)
    program = place.postgres_program("pg_ctl")
    command = ("-D", place.postgres, "-l", log, "-w", "-t", "600", "start")
    if call(place.account, program, *command, timeout=660).returncode:
        raise failed("PostgreSQL", log)


def _clear_after_a_crash(place: Place) -> None:
    """The lock files name a process; where that is a stranger or a zombie by now, no start is possible.

    They also guard against processes of the dead server that still write, so those are waited for first.
    """
    locks = [place.postgres / "postmaster.pid", place.run / ".s.PGSQL.5432.lock"]
    if not any(lock.exists() for lock in locks):
        return
    if not wait(lambda: not works_in(place.postgres), 30):
        raise StartProblem(
            f"Processes of an earlier PostgreSQL still work in {place.postgres}. End them first."
        )
    for lock in locks:
        lock.unlink(missing_ok=True)


def _configuration(place: Place, durable: bool) -> str:
    lines = {
        "listen_addresses": "",
        "unix_socket_directories": str(place.run),
        "unix_socket_permissions": "0700",
        "port": "5432",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] ",
    } | sizing.postgres_settings(place.home, sizing.memory(), durable)
    text = "".join(f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in lines.items())
    return "# Written at every start; settings of your own belong into an external server.\n" + text


def connect(place: Place, name: str = NAME):
    return psycopg2.connect(host=str(place.run), user=USER, dbname=name, connect_timeout=5)


def _answers(place: Place) -> bool:
    try:
        connect(place, "postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


def _make_database(place: Place) -> None:
    connection = connect(place, "postgres")
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1 from pg_database where datname = %s", [NAME])
            if cursor.fetchone() is None:
                cursor.execute(f"create database {NAME}")
    finally:
        connection.close()
