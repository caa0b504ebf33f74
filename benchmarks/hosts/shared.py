"""The one PostgreSQL and the one Valkey that all hosts share, listening on the bridge."""

from collections.abc import Iterator
from contextlib import contextmanager

import redis

from benchmarks.hosts.network import PREFIX, SHARED
from fraudguard.embedded import postgres
from fraudguard.embedded.place import Place
from fraudguard.embedded.session import Session

STORE_PORT = 6477


@contextmanager
def shared_services(place: Place) -> Iterator[dict[str, str]]:
    """Both up, empty or as the place holds them; yields the settings that point a host at them."""
    session = Session(place, durable=True)
    session.open()
    try:
        _listen(session, place)
        yield {
            "DATABASE_URL": f"postgresql://{postgres.USER}@{SHARED}:5432/{postgres.NAME}",
            "REDIS_URL": f"redis://{SHARED}:{STORE_PORT}/0",
        }
    finally:
        session.close()


def _listen(session: Session, place: Place) -> None:
    """Over TCP too; nobody but this machine's namespaces reaches the bridge."""
    entries = place.postgres / "pg_hba.conf"
    entry = f"host all all {PREFIX}.0/24 trust\n"
    if entry not in entries.read_text():
        entries.write_text(entries.read_text() + entry)
    connection = postgres.connect(place)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("alter system set listen_addresses = %s", (SHARED,))
    connection.close()
    postgres.stop(place)
    session.restart(postgres)
    store = redis.Redis(unix_socket_path=str(place.valkey_socket))
    for name, value in (("protected-mode", "no"), ("bind", SHARED), ("port", str(STORE_PORT))):
        store.config_set(name, value)
    store.close()
