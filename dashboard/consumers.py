"""The socket that keeps an open page up to date: /ws/live/."""

import asyncio
import contextlib
import time

import structlog
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import DatabaseError

from dashboard.live.callers import SocketCaller
from dashboard.live.feed import feed
from dashboard.live.messages import Outbox

PAUSE = 0.1  # seconds between messages: at most ten a second
RECHECK = 15  # seconds after which a person's right to read is looked up again
REFUSED = 4403
log = structlog.get_logger(__name__)


class LiveConsumer(AsyncJsonWebsocketConsumer):
    """For people who may read, by session or by `?token=` access token; sends, never listens."""

    async def connect(self) -> None:
        self.caller, self.checked = SocketCaller.of(self.scope), time.monotonic()
        person = await self.caller.reader()
        if person is None:
            await self.close(code=REFUSED)
            return
        await self.accept()
        self.outbox, self.woken = Outbox(person.pk), asyncio.Event()
        feed().join(self.outbox, self.woken.set)
        self.sender = asyncio.create_task(self._send())

    async def disconnect(self, code: int) -> None:
        if not hasattr(self, "sender"):
            return
        self.sender.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.sender
        await feed().leave(self.outbox)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs) -> None:
        """Pages have nothing to say here."""

    async def _send(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.woken.wait(), self._patience())
            self.woken.clear()
            if not self._patience() and not await self._still_may():
                await self.close(code=REFUSED)
                return
            if self.outbox:
                await self.send_json(self.outbox.take())
            await asyncio.sleep(PAUSE)

    def _patience(self) -> float:
        """Seconds until the caller must be looked up again."""
        return max(0.0, min(self.checked + RECHECK - time.monotonic(), self.caller.seconds_left))

    async def _still_may(self) -> bool:
        """A database that cannot be asked is no yes: the page connects again when it is back."""
        self.checked = time.monotonic()
        try:
            return await self.caller.reader() is not None
        except DatabaseError as error:
            log.warning("live_caller_unknown", error=str(error))
            return False
