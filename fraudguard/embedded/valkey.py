"""The embedded Valkey 9. A second server would steal its socket silently, so a start holds a lock."""

import psutil
import redis

from fraudguard.embedded import sizing
from fraudguard.embedded.place import Place
from fraudguard.embedded.process import call, failed, own_process, wait

TITLE, LOG = "Valkey", "valkey.log"


def ensure(place: Place, durable: bool = True) -> None:
    """Running and answering when this returns. Call with the start lock held (see session.py)."""
    wait(lambda: not runs(place) or _answers(place), 30)
    if runs(place) and _answers(place):
        return
    stop(place)
    log = place.log / LOG
    log.touch()
    place.account.own(log, 0o640)
    done = call(place.account, place.valkey_program(), *_arguments(place, durable))
    if done.returncode or not wait(lambda: _answers(place), 60):
        raise failed("Valkey", log, done.stdout + done.stderr)


def stop(place: Place) -> None:
    process = _process(place)
    if process is None:
        return
    process.terminate()
    if not wait(lambda: not runs(place), 30):
        process.kill()


def _arguments(place: Place, durable: bool) -> list[str]:
    """Least recently used keys with an expiry go first; queues have none and stay."""
    options = {
        "port": "0",
        "unixsocket": str(place.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(place.valkey),
        "pidfile": str(place.valkey / "valkey.pid"),
        "logfile": str(place.log / LOG),
        "loglevel": "warning",
        "daemonize": "yes",
        "databases": "64",
        "maxmemory": str(sizing.valkey_memory(sizing.memory())),
        "maxmemory-policy": "volatile-lru",
        "save": "",
        "appendonly": "yes" if durable else "no",
    }
    return [part for name, value in options.items() for part in (f"--{name}", value)]


def runs(place: Place) -> bool:
    return _process(place) is not None


def _process(place: Place) -> psutil.Process | None:
    return own_process(place.valkey / "valkey.pid", place.valkey)


def _answers(place: Place) -> bool:
    client = redis.Redis(unix_socket_path=str(place.valkey_socket), socket_timeout=2)
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):  # not there yet, or loading
        return False
    finally:
        client.close()
