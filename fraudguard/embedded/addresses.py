"""Where the embedded services answer, computed without starting them."""

from pathlib import Path
from urllib.parse import quote

from fraudguard.embedded.place import Place, locate
from fraudguard.problem import StartProblem


def database_url(place: Place | None = None) -> str:
    return f"postgresql://fraudguard@/fraudguard?host={quote(str((place or locate()).run), safe='/')}"


def postgres_programs() -> Path | None:
    """The directory of the embedded server's programs; None where its package is not installed."""
    try:
        return locate().postgres_program("pg_dump").parent
    except StartProblem:
        return None


def redis_url(place: Place | None = None, database: int = 0) -> str:
    return f"unix://{quote(str((place or locate()).valkey_socket), safe='/')}?db={database}"
