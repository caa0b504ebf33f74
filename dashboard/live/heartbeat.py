"""The live process says every half minute that it lives; what watches the system misses it otherwise."""

import threading

import structlog
from django.db import DatabaseError, connection

from alerts.services.watching import beat

EVERY = 30.0  # seconds
log = structlog.get_logger(__name__)


def live_heartbeat() -> threading.Thread:
    """Begin to say so, in a thread of its own that ends with the process."""
    thread = threading.Thread(target=_beat_on, name="heartbeat", daemon=True)
    thread.start()
    return thread


def _beat_on() -> None:
    never = threading.Event()
    while True:
        try:
            beat("live")
        except DatabaseError as error:
            log.warning("heartbeat_failed", error=str(error))
        finally:
            connection.close()
        never.wait(EVERY)
