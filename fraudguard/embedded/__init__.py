"""Private PostgreSQL and Valkey below var/, used when DATABASE_URL and REDIS_URL are not set.

`ensure()` finds the running ones or starts them until this process ends, and sets both variables.
"""

import atexit
import os
import signal
import sys

from fraudguard.embedded import addresses, postgres, valkey
from fraudguard.embedded.place import locate
from fraudguard.embedded.session import Session


def ensure() -> Session | None:
    """None where the settings name servers of their own. Production never starts any."""
    from fraudguard import environment

    if environment.PRODUCTION:
        return None
    wanted = []
    if not environment.text("DATABASE_URL"):
        wanted.append(postgres)
    if not environment.text("REDIS_URL") and not environment.text("REDIS_HOST"):
        wanted.append(valkey)
    return _open(tuple(wanted)) if wanted else None


def _open(wanted: tuple) -> Session:
    session = Session(locate(), services=wanted)
    session.open()
    if postgres in wanted:
        os.environ["DATABASE_URL"] = addresses.database_url()
    if valkey in wanted:
        os.environ["REDIS_URL"] = addresses.redis_url()
    atexit.register(session.close)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        # The default would end us without atexit and leave the services running.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return session
