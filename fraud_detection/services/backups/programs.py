"""PostgreSQL's own programs, told where the database is without a password on their command line."""

import os
import shutil
import subprocess
from pathlib import Path

from django.conf import settings
from django.db import connection


class ProgramFailed(RuntimeError):
    """A program of PostgreSQL is missing or ended with an error; the message says what to do."""


def run(program: str, *arguments: str, database: str | None = None) -> None:
    """pg_dump, pg_restore: wait for it; raises ProgramFailed with what it said."""
    done = subprocess.run(
        [_found(program), *arguments],
        env=os.environ | _where(database),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ProgramFailed(f"{program}: {done.stderr.strip()[-2000:] or 'it was ended'}")


def _found(program: str) -> str:
    own = Path(settings.POSTGRES_PROGRAMS) / program if settings.POSTGRES_PROGRAMS else None
    if own and own.exists():
        return str(own)
    found = shutil.which(program)
    if found is None:
        raise ProgramFailed(
            f"{program} is not installed. Install PostgreSQL's client programs (on Debian postgresql-client),"
            " or name their directory in POSTGRES_PROGRAMS."
        )
    return found


def _where(database: str | None) -> dict[str, str]:
    """libpq reads these; empty values are left to its own defaults."""
    given = connection.settings_dict
    options = given.get("OPTIONS", {})
    named = {
        "PGDATABASE": database or given["NAME"],
        "PGUSER": given["USER"],
        "PGPASSWORD": given["PASSWORD"],
        "PGHOST": given["HOST"],
        "PGPORT": str(given["PORT"] or ""),
        "PGSSLMODE": options.get("sslmode", ""),
        "PGSSLROOTCERT": options.get("sslrootcert", ""),
        "PGCONNECT_TIMEOUT": "10",
    }
    return {name: value for name, value in named.items() if value}
