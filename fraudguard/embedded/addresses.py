"""Where the embedded services answer, computed without starting them."""

from urllib.parse import quote

from fraudguard.embedded.place import Place, locate


def database_url(place: Place | None = None) -> str:
    return f"postgresql://fraudguard@/fraudguard?host={quote(str((place or locate()).run), safe='/')}"


def redis_url(place: Place | None = None, database: int = 0) -> str:
    return f"unix://{quote(str((place or locate()).valkey_socket), safe='/')}?db={database}"
