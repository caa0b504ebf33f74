"""One task per process follows the activity stream and hands it to every open page."""

import asyncio
import time
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dashboard.live.figures import kpis
from dashboard.live.messages import Outbox
from dashboard.selectors.alerts import newest_alert_id, raised_after
from logs.activity import STREAM, decode

BLOCK_MS = 1_000
IDLE_SECONDS = 10  # figures are sent at least this often: pages take silence for a lost connection
log = structlog.get_logger(__name__)


class Feed:
    """Pages join with an outbox and a way to be woken; the tasks live while anyone listens."""

    def __init__(self) -> None:
        self._pages: dict[Outbox, Callable[[], None]] = {}
        self._tasks: list[asyncio.Task] = []
        self._changed = asyncio.Event()

    def join(self, outbox: Outbox, wake: Callable[[], None]) -> None:
        self._pages[outbox] = wake
        self._changed.set()
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._figures())]

    async def leave(self, outbox: Outbox) -> None:
        self._pages.pop(outbox, None)
        if self._pages:
            return
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self) -> None:
        """Read the stream from now on; a store that is away is tried again every second."""
        last = "$"
        while True:
            try:
                async with Redis.from_url(settings.REDIS_URL) as store:
                    last = await self._newest(store) if last == "$" else last
                    while True:
                        last = await self._read(store, last)
            except (RedisError, OSError) as error:
                log.warning("live_feed_waits", error=str(error))
                await asyncio.sleep(1)

    async def _newest(self, store: Redis) -> str:
        """The id to start behind; "$" again at every read would lose what comes between two reads."""
        entries = await store.xrevrange(STREAM, count=1)
        return entries[0][0].decode() if entries else "0"

    async def _read(self, store: Redis, last: str) -> str:
        answer = await store.xread({STREAM: last}, block=BLOCK_MS, count=500)
        for _, entries in answer or ():
            for entry_id, fields in entries:
                entry = decode(entry_id, fields)
                for outbox in self._pages:
                    outbox.add(entry)
                last = entry["id"]
            self._changed.set()
            self._wake()
        return last

    async def _figures(self) -> None:
        """Count anew after something happened, at most once a second and a tenth of the time."""
        newest = await database_sync_to_async(newest_alert_id)()
        while True:
            self._changed.clear()
            started = time.monotonic()
            try:
                figures, raised = await _read_figures(newest)
            except DatabaseError as error:
                log.warning("live_figures_failed", error=str(error))
            else:
                newest = max([newest, *(alert["id"] for alert in raised)])
                for outbox in self._pages:
                    outbox.show(figures, raised)
                self._wake()
            await asyncio.sleep(max(1.0, 9 * (time.monotonic() - started)))
            try:
                await asyncio.wait_for(self._changed.wait(), IDLE_SECONDS)
            except TimeoutError:
                continue

    def _wake(self) -> None:
        for wake in self._pages.values():
            wake()


@database_sync_to_async
def _read_figures(after: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return kpis(timezone.now()), raised_after(after)


_feeds: WeakKeyDictionary[asyncio.AbstractEventLoop, Feed] = WeakKeyDictionary()


def feed() -> Feed:
    """The feed of the running event loop; a server process has one."""
    return _feeds.setdefault(asyncio.get_running_loop(), Feed())
